package event

// The fields of each kind, in the order of their numbers on disk: append only, never reorder.
// input_tokens and output_tokens arrive with the OpenTelemetry meaning (input includes cache reads
// and writes, output includes reasoning) and are kept as disjoint buckets: see DESIGN of the kinds
// in FORMAT.md.

// Field numbers of AIRequest.
const (
	AIModel = Common + iota
	AIProvider
	AIEndpoint
	AIMethod
	AIOperation
	AIStream
	AIStatusCode
	AISuccess
	AIErrorType
	AIErrorMessage
	AIInputUncachedTokens
	AICacheReadTokens
	AICacheWriteTokens
	AICacheWrite1hTokens
	AIAudioInputTokens
	AIOutputTextTokens
	AIReasoningTokens
	AIAudioOutputTokens
	AIClientCost
	AICost
	AICostSource
	AIPriceVersion
	AIPriceKey
	AIDurationMS
	AITTFBMS
	AIUpstreamDurationMS
	AIRequestBytes
	AIResponseBytes
	AIMessageCount
	AIUserAgent
	AIAPIKeyID
	AIAPIKeyLabel
	AIAuthMethod
	AIAuthenticated
	AIBackend
	AIUpstreamMode
	AIMCPEnabled
	AIMCPServers
	AISystemPromptApplied
	AIPromptID
	AIPromptVersion
	AICacheHit
	AIAttempt
	AITier
	AICountry
	AIInputTokens
	AIOutputTokens
	AICostUSD
	AIClientIP
	AIResponseModel
	AIFinishReason
	AIUsageSource
	AIRequestedToolCalls
	AIWebSearches
	AIImageInputTokens
	AIImageOutputTokens
	AIOverheadMS
)

// Field numbers of ToolCall.
const (
	ToolTool = Common + iota
	ToolServer
	ToolSuccess
	ToolErrorType
	ToolErrorMessage
	ToolDurationMS
	ToolResultBytes
	ToolWeight
)

// Field numbers of AgentTask.
const (
	TaskTask = Common + iota
	TaskStatus
	TaskSuccess
	TaskErrorType
	TaskDurationMS
	TaskWeight
)

// Field numbers of PageView.
const (
	PageURL = Common + iota
	PageSite
	PagePath
	PageTitle
	PageReferrer
	PageReferrerHost
	PageSource
	PageChannel
	PageMedium
	PageCampaign
	PageMethod
	PageStatusCode
	PageUserAgent
	PageClientIP
	PageLanguage
	PageScreen
	PageContentID
	PageCountry
	PageRegion
	PageCity
	PageDevice
	PageBrowser
	PageOS
	PageBotClass
	PageBotName
	PageVisitorID
	PageWeight
	PageUTMTerm
	PageUTMContent
	PageClickID
	PageNetwork
	PageBotPurpose
	PageBotScore
	PageBotReasons
	PageClassifier
	PageFingerprint
	PageVia
	PageSignals
	PageBrowserVersion
	PageOSVersion
	PageClientHints
)

// Field numbers of Engagement.
const (
	EngagementURL = Common + iota
	EngagementSite
	EngagementPath
	EngagementTimeOnPageMS
	EngagementScrollDepth
	EngagementClicks
	EngagementUserAgent
	EngagementClientIP
	EngagementContentID
	EngagementBotClass
	EngagementBotName
	EngagementVisitorID
	EngagementWeight
	EngagementBotPurpose
	EngagementBotScore
	EngagementBotReasons
	EngagementClassifier
	EngagementVia
	EngagementSignals
)

// Field numbers of Custom.
const (
	CustomName = Common + iota
	CustomURL
	CustomSite
	CustomPath
	CustomUserAgent
	CustomClientIP
	CustomBotClass
	CustomBotName
	CustomVisitorID
	CustomWeight
	CustomBotPurpose
	CustomBotScore
	CustomBotReasons
	CustomClassifier
	CustomVia
	CustomSignals
	CustomTarget
)

// Field numbers of Activity.
const (
	ActivityCategory = Common + iota
	ActivityAction
	ActivityActor
	ActivityTarget
	ActivityOutcome
	ActivitySeverity
)

// Field numbers of Metric.
const (
	MetricName = Common + iota
	MetricValue
	MetricUnit
)
