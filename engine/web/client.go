package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"analytics/engine/fault"
)

// Opener builds the program's handler in this process, and says how to close what it opened.
type Opener func(ctx context.Context) (h http.Handler, closer func() error, err error)

// Client is how the command line asks: over the unix socket if a server runs, and otherwise the
// same routes in this process, with the store opened for the first question.
type Client struct {
	dir  string
	open Opener

	mu     sync.Mutex
	doer   doer
	closer func() error
}

// doer sends one request.
type doer interface {
	Do(*http.Request) (*http.Response, error)
}

// NewClient asks the server of the data directory, or else the handler that open makes.
func NewClient(dataDir string, open Opener) *Client {
	return &Client{dir: dataDir, open: open}
}

// Bind says, once it is known, whom to ask; it is for a client made before the command line was
// read.
func (c *Client) Bind(dataDir string, open Opener) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dir, c.open = dataDir, open
}

// Folder is the data folder that is asked about.
func (c *Client) Folder() string { return c.dir }

// Running reports whether a server answers on the socket of the data directory.
func (c *Client) Running(ctx context.Context) bool {
	conn, err := dialSocket(ctx, c.dir)
	if err == nil {
		_ = conn.Close()
	}
	return err == nil
}

// Do sends a request and returns the answer, whose body the caller closes. An error answer comes
// back as the fault that it was, so that exit codes are the same wherever the handler ran.
func (c *Client) Do(ctx context.Context, method, path string, query url.Values, contentType string,
	body io.Reader,
) (*http.Response, error) {
	doer, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	u := url.URL{Scheme: "http", Host: "analytics", Path: path, RawQuery: query.Encode()}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, err
	}
	req.RequestURI = ""
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	resp, err := doer.Do(req)
	if err != nil {
		return nil, clientError(ctx, err)
	}
	if resp.StatusCode >= 400 {
		defer resp.Body.Close()
		return nil, readError(resp)
	}
	return resp, nil
}

// JSON sends in as JSON, if it is not nil, and decodes the answer into out, if it is not nil.
func (c *Client) JSON(ctx context.Context, method, path string, query url.Values,
	in, out any,
) error {
	var body io.Reader
	contentType := ""
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body, contentType = bytes.NewReader(b), "application/json"
	}
	resp, err := c.Do(ctx, method, path, query, contentType, body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if out == nil {
		_, err = io.Copy(io.Discard, resp.Body)
		return err
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		return fmt.Errorf("the answer of %s %s: %w", method, path, err)
	}
	return nil
}

// Close closes the store if this process had opened it.
func (c *Client) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	closer := c.closer
	if in, ok := c.doer.(*inProcess); ok {
		in.close()
	}
	c.doer, c.closer = nil, nil
	if closer == nil {
		return nil
	}
	return closer()
}

// connect decides, at the first question, whom to ask.
func (c *Client) connect(ctx context.Context) (doer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.doer != nil {
		return c.doer, nil
	}
	h, err := c.choose(ctx)
	if err != nil {
		return nil, err
	}
	if h == nil {
		c.doer = &http.Client{
			Transport: &http.Transport{
				DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
					return dialSocket(ctx, c.dir)
				},
				DisableCompression: true,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse
			},
		}
		return c.doer, nil
	}
	c.doer = &inProcess{handler: h, pipes: map[*io.PipeReader]bool{}}
	return c.doer, nil
}

// starting is how long a server may take from locking the store to listening on its socket.
const starting = 10 * time.Second

// choose opens the store in this process, or gives no handler when a server answers on the socket. A
// store that is locked without a socket belongs to a server that is just starting: it is waited for.
func (c *Client) choose(ctx context.Context) (http.Handler, error) {
	begin := time.Now()
	for {
		conn, err := dialSocket(ctx, c.dir)
		if err == nil {
			return nil, conn.Close()
		}
		if !noServer(err) {
			return nil, fault.New(fault.Forbidden, "no_socket", "the server's socket in %s cannot be "+
				"used; run this as the user that runs the server", c.dir).Wrap(err)
		}
		h, closer, err := c.open(ctx)
		if err == nil {
			c.closer = closer
			return h, nil
		}
		if fault.Of(err).Code != "store_open" || time.Since(begin) > starting {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// clientError says what a failed connection means. The cause's own text is full of invented URLs.
func clientError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if u, ok := errors.AsType[*url.Error](err); ok {
		err = u.Err
	}
	return fault.New(fault.Unavailable, "connection_lost",
		"the server went away before it had answered; try again").Wrap(err)
}

// readError makes a fault of an error answer.
func readError(resp *http.Response) error {
	var body errorBody
	b, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10))
	if json.Unmarshal(b, &body) != nil || body.Error.Code == "" {
		return fault.New(fault.FromStatus(resp.StatusCode, ""), "bad_answer",
			"the server answered %s", resp.Status)
	}
	e := body.Error
	return fault.At(fault.FromStatus(resp.StatusCode, e.Code), e.Code, e.Field, "%s", e.Message)
}
