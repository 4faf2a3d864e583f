// Package middleware reports the page views of a Go program's own web pages, as the server sees
// them: also those of machines, which run no script. It is for the user's application:
//
//	watch, err := middleware.New(middleware.Config{
//		Endpoint: "https://analytics.example.com", Key: os.Getenv("ANALYTICS_KEY"),
//	})
//	…
//	defer watch.Close(ctx)
//	http.ListenAndServe(addr, watch.Handler(mux))
//
// It promises never to slow down or break the application: a request costs some two microseconds,
// and waits for nothing. Views wait in a bounded queue and are sent in the background, and again
// until they are taken; each has an id, so that none counts twice. When the queue is full, views are
// dropped and counted.
//
// As it sees all requests, it also knows who asks for pages and never for their images, styles, scripts
// or data, which no browser does that comes for the first time. A view of somebody who asked for none so
// far waits eight seconds before it is sent, and then carries the signal no_subresources, but only where
// most visitors fetch parts from this application, and so not where those are on another host. Who brings a
// cookie or asks whether a page changed was here before, and is not accused. Addresses are not kept for
// that; what is kept is bounded and ends with the process.
//
// It uses the standard library alone, so an application carries nothing of the
// house. What a page view is, and what looks odd of a request, is therefore decided here again.
//
// It never sends request or response bodies, cookies, or query strings other than the campaign's.
package middleware
