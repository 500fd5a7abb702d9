// Package auth holds ready-made policies: who is calling, who may create and see tasks, and which
// files may come with them.
package auth
