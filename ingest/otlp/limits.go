package otlp

import "time"

// The limits of the doors, each with its why. Those of a body in bytes are web.MaxWire and
// web.MaxInflated.
const (
	// maxGrowth is how many bytes of memory a byte of protobuf may become. Real batches stay under
	// 4, spans that are nothing but small attributes under 7; an empty span is 2 bytes on the wire
	// and 256 in memory.
	maxGrowth = 8
	// minObject is how many bytes of JSON each of its objects and lists must have on average. In the
	// smallest attribute it is 18; an empty span is 3.
	minObject = 16
	// grace is what a small body may hold whatever its shape, in bytes and in objects.
	grace        = 64 << 10
	graceObjects = 1024
	// maxDepth is how deep values may nest. The decoder's own stack has no limit, and running out
	// of stack ends the process. A real body needs 9 in protobuf and 20 in JSON.
	maxDepth = 64

	// takeEvents is how many events are stored at once; the intake takes 10,000.
	takeEvents = 8192
	// heavyBody is from how many bytes on a body waits for one of maxHeavy places: decoded, it takes
	// up to maxGrowth times as much, or more as JSON.
	heavyBody = 2 << 20
	maxHeavy  = 2
	// maxKept is how much memory of one request is kept for the next.
	maxKept = 1 << 20
	// maxMessage is how many bytes of an error message go to the sender.
	maxMessage = 1024

	retryAfter = "5" // seconds, for who comes in a time of overload

	maxGRPCConns   = 512 // an exporter has one
	maxGRPCStreams = 64  // calls under way on one connection
	grpcHeader     = 10 * time.Second
	grpcRead       = 30 * time.Second // a whole call
	grpcIdle       = 5 * time.Minute
	grpcDrain      = 3 * time.Second // for calls under way; requests over HTTP had their ten before
)
