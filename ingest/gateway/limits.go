package gateway

import "time"

// The limits of the gateway, each with its why. Those of headers and URLs are in engine/web.
const (
	maxBody = 512 << 20 // bytes of a request: the largest file that OpenAI takes
	// maxInspected is how much of a request is kept to be read, and sent again if a connection turns
	// out to be dead. What is longer is read as far as that and passed on while it comes.
	maxInspected = 4 << 20
	// maxHeld is how many bytes of requests are kept at once. Beyond it only minInspected is kept of
	// each, which is enough for the model's name in most.
	maxHeld      = 64 << 20
	minInspected = 64 << 10

	maxAnswerHeader = 256 << 10 // bytes of an upstream's headers
	maxDecoded      = 64 << 20  // bytes of a compressed answer that are unpacked to be read
	maxResults      = 8 << 30   // the same of a batch's results: 100,000 answers, read one by one
	maxIdle         = 256       // connections kept open to each upstream
	maxDrains       = 64        // answers read to their end for callers who have left
	pieceBytes      = 32 << 10  // of an answer in one piece

	// bodyPatience is how long a caller may send nothing of its request, answers' writes have
	// engine/web's limit.
	bodyPatience = 30 * time.Second

	// The recorder: rows that wait, rows written together, and how long the first of them waits for
	// others. A kill loses the rows of that time.
	maxQueued   = 4096
	maxTogether = 1000
	linger      = 10 * time.Millisecond
	// storePatience is how long rows that the store refuses are tried again before they are given up
	// and counted: a full disk must not stop the callers for good.
	storePatience = 30 * time.Second
	lastPatience  = 500 * time.Millisecond // the same at the end
	retryEvery    = 100 * time.Millisecond
	// endPatience is how long the end waits for answers that are being drained.
	endPatience = 5 * time.Second
)
