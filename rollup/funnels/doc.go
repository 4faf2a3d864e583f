// Package funnels counts how many people go through steps in an order: pages seen, events sent, with
// properties or without.
//
// It owns the shelf "funnels" with their definitions, and reads events as they are: the answer is
// exact over any range, of sealed events and those of this second.
//
//   - A step is page:GLOB (a path, or a site and a path) or event:GLOB (a name), each with conditions
//     on properties: event:signup;plan==pro;seats>=5.
//   - Somebody enters with a first step in the range, and each further step must come later than the
//     one before and within the window after the first, also where that is after the range. One event
//     is one step at most. Of two events at the same moment nobody knows the order, so neither comes
//     after the other. What lies between two steps does not matter.
//   - Everybody counts at the furthest step they reached on any way through, not on the first one
//     tried: who enters twice and goes on the second time goes on. The times between steps are those
//     of the way that got furthest first; of several entries into it the latest, and each step at its
//     earliest after that.
//   - A person is the user_id where events have one, and the visitor otherwise; a visitor who was seen
//     with a user_id is that user, with all that was done before signing in. Without user_id a visitor
//     lasts a day, so windows over days find users only. Sessions are counted by session_id, or else
//     end with a pause of half an hour.
//   - By a dimension, everybody is where their first page view in the range puts them. A filter keeps
//     those whose first page view in the range passes all its conditions, with all that they did,
//     before it and elsewhere too. Who saw no page in the range has none of what it asks for.
//
// Events that were left out by sampling are missing here: people cannot be scaled up.
package funnels
