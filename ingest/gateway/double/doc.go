// Package double is an upstream for tests that speaks the wire formats of OpenAI, Anthropic and
// Gemini: plain answers, streams, tools, errors, slow ones, compressed ones and ones that are cut.
//
// It owns what those providers send, as far as an SDK or the gateway can tell: status, headers, the
// pieces of a stream and how they come. What happens is said in the request itself, by the word
// after "double:" anywhere in its body, so that the official SDKs can ask for it in a message.
//
// It promises that an answer is always the same, with the usage that Usage names, so that tests can
// say what a call cost. It wants a key and refuses any other, as providers do. It is no part of the
// product: only tests import it.
package double
