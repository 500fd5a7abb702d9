// Package codec reads and writes JSON the way every part of the module does:
// compact, without escaping of HTML characters, with numbers kept as written
// and compared by their value, and with templates that build or recognise a
// message whose shape is known only from a document.
package codec
