// Package house holds no code, only the tests that guard the house as a whole:
// which package may import which, what the client pulls in, that the generic
// rooms know nothing of the flagship documents, and that every package says
// what it is for.
package house
