// Package rest is the runtime behind generated HTTP servers: what is the same
// for every operation is here, so that generated code only names things.
//
// An [API] is what the operations of a document have in common. For each
// operation it makes a handler that judges a request in a fixed order and stops
// at the first thing wrong:
//
//	route and method      404, 405 with Allow      Fallback
//	credentials           401                      Authenticator
//	rate                  429 with Retry-After     Settings.Limit
//	form                  400, 413                 Input.Param, JSON, Multipart
//	schema                422, all violations      the same, by Input.Err
//	everything else       as the handler says      the function given to Handle
//
// What the runtime finds out by itself is a [Problem]; how it is told to the
// caller is decided by the generated error type, which is [Coded]. Whatever is
// neither is logged and told as an internal error.
package rest
