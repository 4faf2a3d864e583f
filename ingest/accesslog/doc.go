// Package accesslog reads the access logs of web servers, proxies and load balancers and makes page
// views of them.
//
// It owns the formats: common and combined, with a virtual host in front or more behind, any nginx
// log_format or Apache LogFormat, JSON by the names of its fields, the W3C's extended format
// (CloudFront, IIS; where no line names the fields, as in CloudFront's real-time logs, by names that are
// given), HAProxy's, Envoy's and that of Amazon's load balancers. It decides what is a page: a GET or
// HEAD that was answered with 2xx, 304 or 4xx and is not for a file that pages are made of. Redirects
// lead to a page and are none. What scanners look for is always kept, whatever the method and the
// answer: that is what the request says.
//
// Styles, scripts and pictures are no views but evidence: a browser that shows a page fetches them. A
// view whose visitor fetched none within thirty seconds carries the word no_subresources, where the
// log has such files of that site at all; the ones held back meanwhile are bounded.
// Where most of those files went over HTTP/2 or 3, a browser's page over HTTP/1.1 carries no_http2.
//
// It promises that a line is an event once: its id is made of its text and its place in the unpacked
// file, so a file that was renamed, packed or copied is the same file. A line that cannot be read is
// counted and costs no other. It never keeps an address or a query string: they go to the intake,
// which makes visitors and campaigns of them.
//
// Third-party: tidwall/gjson reads JSON lines, whose fields are in any order and depth.
package accesslog
