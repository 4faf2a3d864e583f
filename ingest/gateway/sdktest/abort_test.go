package sdktest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"analytics/ingest/gateway/double"
)

// TestWhoLeavesIsBilledAllTheSame leaves a slow stream after its first word: the gateway reads it to
// its end, as the provider bills all of it.
func TestWhoLeavesIsBilledAllTheSame(t *testing.T) {
	s := start(t)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	c := s.openAI("gone", 0)
	stream := c.Chat.Completions.NewStreaming(ctx, chat("double:slow"))
	for stream.Next() {
		if chunk := stream.Current(); len(chunk.Choices) > 0 && chunk.Choices[0].Delta.Content != "" {
			break
		}
	}
	leave()
	if stream.Next() {
		t.Error("a stream goes on for a caller who has left")
	}
	a := s.anthropic("gone-too", 0)
	ctx, leave = context.WithCancel(t.Context())
	defer leave()
	messages := a.Messages.NewStreaming(ctx, message("double:slow"))
	if !messages.Next() {
		t.Fatal(messages.Err())
	}
	leave()
	gone := want{"status_code": "499", "success": "false", "error_type": "client_abort", "stream": "true"}
	s.recorded("gone", openAIRow.with(gone))
	s.recorded("gone-too", anthropicRow.with(gone))
}

// TestManyAtOnce makes a hundred calls at a time: each has its answer, and its row.
func TestManyAtOnce(t *testing.T) {
	s := start(t)
	c, a := s.openAI("many", 0), s.anthropic("many-too", 0)
	var all sync.WaitGroup
	failed := make(chan error, 100)
	for i := range 50 {
		all.Go(func() {
			got, err := c.Chat.Completions.New(t.Context(), chat(fmt.Sprint("call ", i)))
			if err == nil && got.Choices[0].Message.Content != double.Text {
				err = fmt.Errorf("got %s", got.RawJSON())
			}
			if err != nil {
				failed <- err
			}
		})
		all.Go(func() {
			stream, words := a.Messages.NewStreaming(t.Context(), message(fmt.Sprint("call ", i))), ""
			for stream.Next() {
				words += stream.Current().Delta.Text
			}
			err := stream.Err()
			if err == nil && words != double.Text {
				err = fmt.Errorf("got %q", words)
			}
			if err != nil {
				failed <- err
			}
		})
	}
	all.Wait()
	close(failed)
	for err := range failed {
		t.Error(err)
	}
	for user, row := range map[string]want{"many": openAIRow, "many-too": anthropicRow} {
		rows := make([]want, 50)
		for i := range rows {
			rows[i] = row
		}
		s.recorded(user, rows...)
	}
}
