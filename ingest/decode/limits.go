package decode

// Limits of the wire. Reaching one is an error that says so.
const (
	// MaxEvents is how many events a body may hold; each costs a row and a place in the answer.
	MaxEvents = 10_000
	// MaxEventBytes is the longest JSON text of one event.
	MaxEventBytes = 64 << 10
	// MaxDepth is how deep values may nest, the event itself counted. Fields we keep need 3.
	MaxDepth = 32
	// MaxKeys is how many keys an event may have on all its levels that are read.
	MaxKeys = 256
	// MaxProperties is how many entries the field properties may have.
	MaxProperties = 32
	// MaxPropertyKey is the longest name of a property in bytes.
	MaxPropertyKey = 128
	// MaxPropertyText is the longest text of a property in bytes; longer text is cut.
	MaxPropertyText = 256
	// MaxCost is the largest cost_usd of one event in nano-USD (one million USD): sums stay far
	// from overflow, and no real request costs as much.
	MaxCost = 1_000_000 * 1_000_000_000
	// maxServers is how many names the list mcp_servers may have.
	maxServers = 64
)
