package process

import (
	"context"
	"net/http"
	"sync"
)

// InProcess is a house without a server, for a verb while none runs: its routes, what goes on beside
// them, and how to end both.
func InProcess(
	ctx context.Context, routes http.Handler, end func() error, beside ...func(context.Context),
) (http.Handler, func() error, error) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	var group sync.WaitGroup
	for _, f := range beside {
		group.Go(func() { f(ctx) })
	}
	return routes, func() error {
		stop()
		group.Wait()
		return end()
	}, nil
}
