package rest_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/taskbridge/tbgen/impl/rest"
)

// answered reads the response on a connection and whether the server closes it
// afterwards.
func answered(t *testing.T, conn net.Conn) (status int, closed bool) {
	t.Helper()
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Close
}

const head = "POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"

// The caller has sent a header or a part of the body, and waits.
func TestOversizeIsFoundWithoutReadingItAll(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.api.Settings.MaxBody = 1000
	b.api.Settings.MaxForm = 1000
	b.handle(uploadOrder, readUpload)
	b.start()
	multipart := strings.Replace(head, "application/json", "multipart/form-data; boundary=x", 1)
	part := "--x\r\nContent-Disposition: form-data; name=\"scan\"; filename=\"s\"\r\n\r\n" + strings.Repeat("x", 2000)
	for name, request := range map[string]string{
		"declared":            head + "Content-Length: 1001\r\n\r\n",
		"declared, begun":     head + "Content-Length: 1001\r\n\r\n{\"ref\":",
		"declared, huge":      head + "Content-Length: 9000000000000000000\r\n\r\n{",
		"declared, expecting": head + "Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n",
		"chunks":              head + "Transfer-Encoding: chunked\r\n\r\n7d0\r\n" + strings.Repeat(" ", 2000) + "\r\n",
		"form, declared":      multipart + "Content-Length: 1001\r\n\r\n",
		"form, chunks":        multipart + fmt.Sprintf("Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n", len(part), part),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, b.url)
			if _, err := io.WriteString(conn, request); err != nil {
				t.Fatal(err)
			}
			if status, closed := answered(t, conn); status != 413 || !closed {
				t.Errorf("status %d, closed %v", status, closed)
			}
		})
	}
}

// The caller goes on sending, and reads the response when it is through or cut.
func TestOversizeIsAnsweredWhileTheCallerSends(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handle(createOrder, readOrder)
	b.start()
	for name, header := range map[string]string{"declared": "Content-Length: 67108864\r\n\r\n", "chunks": "Transfer-Encoding: chunked\r\n\r\n4000000\r\n"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, b.url)
			if _, err := io.WriteString(conn, head+header); err != nil {
				t.Fatal(err)
			}
			sent := make(chan struct{})
			go func() {
				defer close(sent)
				_, _ = io.CopyN(conn, endless{}, 64<<20) // fails when the server closes
			}()
			if status, closed := answered(t, conn); status != 413 || !closed {
				t.Errorf("status %d, closed %v", status, closed)
			}
			conn.Close()
			<-sent
		})
	}
}

// endless is white space without end.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestTruncatedBodies(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handle(uploadOrder, readUpload)
	b.start()
	multipart := strings.Replace(head, "application/json", "multipart/form-data; boundary=x", 1)
	for name, request := range map[string]string{
		"JSON":            head + "Content-Length: 100\r\n\r\n{\"ref\":\"a\"}",
		"JSON in chunks":  head + "Transfer-Encoding: chunked\r\n\r\nb\r\n{\"ref\":\"a\"}\r\n",
		"no body at all":  head + "Content-Length: 100\r\n\r\n",
		"no chunk at all": head + "Transfer-Encoding: chunked\r\n\r\n",
		"a bad chunk":     head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
		"form":            multipart + "Content-Length: 900\r\n\r\n--x\r\nContent-Disposition: form-data; name=\"ref\"\r\n\r\na\r\n--x\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := dial(t, b.url)
			if _, err := io.WriteString(conn, request); err != nil {
				t.Fatal(err)
			}
			if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			if status, _ := answered(t, conn); status != 400 {
				t.Errorf("status %d, want 400", status)
			}
		})
	}
	if text := b.logs.String(); text != "" {
		t.Errorf("logged: %s", text)
	}
}

func TestConnectionServesTheNextRequest(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.handle(createOrder, readOrder)
	b.handle(rest.Operation{ID: "poke", Method: http.MethodPost, Path: "/poke"}, func(context.Context, *rest.Input) (rest.Response, error) {
		return answer{200, 1}, nil
	})
	b.start()
	conn := dial(t, b.url)
	reader := bufio.NewReader(conn)
	for _, test := range []struct {
		request string
		status  int
	}{
		{head + "Content-Length: 11\r\n\r\n{\"ref\":\"a\"}", 201},
		{head + "Content-Length: 2\r\n\r\n{}", 422},
		{head + "Content-Length: 1\r\n\r\n{", 400},
		{"POST /poke HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", 200},
		{"HEAD /poke HTTP/1.1\r\nHost: x\r\n\r\n", 405},
		{"POST /nowhere HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 404},
		{head + "Content-Length: 11\r\n\r\n{\"ref\":\"b\"}", 201},
	} {
		if _, err := io.WriteString(conn, test.request); err != nil {
			t.Fatal(err)
		}
		method, _, _ := strings.Cut(test.request, " ")
		response, err := http.ReadResponse(reader, &http.Request{Method: method})
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != test.status || response.Close {
			t.Errorf("%.30q: %d %s %v, closed %v", test.request, response.StatusCode, body, err, response.Close)
		}
	}
}
