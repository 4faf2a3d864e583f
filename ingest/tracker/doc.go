// Package tracker takes in what browsers tell about a visit: the tracker script and its endpoint, the
// seed's engagement endpoints, and those of Plausible, Umami and GoatCounter, whose scripts go on
// working as they stand in pages.
//
// It owns the script (script.js, small and readable; dist/ is what is served), those formats, and who
// may send from where. What it reads becomes native events of kind page_view, engagement and event
// that the native intake takes under the limits of the public: address and user agent are those of
// the connection, and the time is now.
//
// It promises to take only registered sites (package sites) from pages of their own origins, to
// acknowledge nothing that is not stored, and that one bad item never costs a good one. It never
// sets a cookie, stores anything in a browser, or keeps an address, a query or the part of a URL
// behind #. Who sends an ingest key instead may say another visitor's address, agent and time.
//
// # The script
//
// A released file of dist/ never changes: pages name its number and its hash (SRI), and a browser
// would refuse it. A change to script.js after a release raises newest in script.go. Without a number
// the newest is served.
//
// The engagement it tells is the time for which the page was visible and had the focus, since it was
// last told; the server adds up. The depth is the part of the page's height that was seen; its
// highest counts.
//
// With each message go letters for what is odd about the browser (hit.go has their names): that it says
// of itself that a program drives it, that its window has no frame, and the like. An engagement says that
// nobody moved a mouse, turned a wheel, touched the page or pressed a key since it was loaded, if it was
// seen for a second or more, or that a mouse was pressed where it never went; what a program in the page
// makes up does not count. On a desk's Chrome the script asks who draws, as soon as there is nothing else
// to do, and says whether it is the processor; which graphics card it is stays in the browser. The first
// view waits for that, for two seconds at most, and less if the page is left.
//
// Third-party: tidwall/gjson reads JSON that has a schema only most of the time. The script is made
// small by esbuild, which needs npm only then.
//
//go:generate sh gen/generate.sh
package tracker
