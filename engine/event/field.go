package event

// Type is how a field's value is kept.
type Type uint8

// The types. Time to Millis share an int64 slot of an Event (Float keeps its bits there); the others
// are bytes.
const (
	// Time is microseconds since 1970-01-01 UTC.
	Time Type = 1 + iota
	// Int is a whole number.
	Int
	// Float is a finite 64-bit float: never NaN, never infinite.
	Float
	// Bool is 0 or 1.
	Bool
	// Money is nano-USD (1e-9 USD); JSON carries USD.
	Money
	// Millis is a length of time kept in whole microseconds, so that sums are exact; JSON, CSV and
	// columns carry milliseconds with up to three decimals.
	Millis
	// String is UTF-8 that repeats often (model, path): kept with a dictionary.
	String
	// Text is UTF-8 that rarely repeats (error message, user agent).
	Text
	// ID is an identifier kept in compact form, see AppendID.
	ID
	// Properties is a flat JSON object with sorted keys, as text.
	Properties
)

// Numeric reports whether values of the type sit in the int64 slot of an Event.
func (t Type) Numeric() bool { return t >= Time && t <= Millis }

// Field is one line of the schema table.
type Field struct {
	// Name is the field's name in JSON, in columns and, where it is one, of the dimension.
	Name string
	Type Type
	// Unit is "ms", "bytes", "tokens", "USD" or empty.
	Unit string
	// Max is the longest accepted text in bytes, or the largest accepted number; 0 means the type's
	// default (512 bytes; 2^53 for numbers).
	Max int64
	// Required fields make an event invalid when they are missing.
	Required bool
	// Derived fields are filled by the server and refused from clients (counted as unknown).
	Derived bool
	// Transient fields are accepted from clients and used for enrichment, and never stored.
	Transient bool
}

// Field numbers that every kind shares. They are on disk; append only.
const (
	Timestamp = iota
	EventID
	Project
	UserID
	SessionID
	TraceID
	SpanID
	ParentSpanID
	Agent
	ConversationID
	PropertiesField
	// Common is the number of shared fields; a kind's own fields start here.
	Common
)

// MaxFields is the most fields a kind may have; an Event has a slot for each.
const MaxFields = 80

// DefaultMaxText is the longest text in bytes where the field does not say otherwise.
const DefaultMaxText = 512

// MaxNumber is the largest accepted whole number (2^53: the largest that JSON numbers carry
// exactly), where the field does not say otherwise.
const MaxNumber = 1 << 53

// MaxWeight is the most events that one can stand for: a sample of one in a million.
const MaxWeight = 1 << 20

var common = []Field{
	Timestamp:       {Name: "timestamp", Type: Time, Required: true},
	EventID:         {Name: "id", Type: ID, Max: 64, Required: true},
	Project:         {Name: "project", Type: String, Max: 128},
	UserID:          {Name: "user_id", Type: String, Max: 128},
	SessionID:       {Name: "session_id", Type: String, Max: 128},
	TraceID:         {Name: "trace_id", Type: ID, Max: 64},
	SpanID:          {Name: "span_id", Type: ID, Max: 64},
	ParentSpanID:    {Name: "parent_span_id", Type: ID, Max: 64},
	Agent:           {Name: "agent", Type: String, Max: 128},
	ConversationID:  {Name: "conversation_id", Type: String, Max: 128},
	PropertiesField: {Name: "properties", Type: Properties, Max: 8 << 10},
}
