// Package sites knows the web sites that browsers may send events for.
//
// It owns the shelf "sites": for each registered domain the origins its pages come from, the id of
// its public key, the website id that Umami's script sends, and who counts its views. The doors for
// browsers ask it whose an event is, and take nothing for a site that is not here.
//
// It promises that a change is durable before it is answered, counts from then on, and leaves an
// activity of category administration. Origins are compared byte by byte: no wildcards, suffixes or
// ports that were not named. An origin is what a browser says, and anybody else can say it too; so
// the list keeps other people's pages out, and is no proof of who sends.
//
// Only the id of a public key is kept and stands in pages, never the key.
package sites
