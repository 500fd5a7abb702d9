package cutproxy_test

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/taskbridge/tbgen/cmd/taskbridge/internal/cutproxy"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// setup starts a server that echoes, and a proxy before it.
func setup(t *testing.T) *cutproxy.Proxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				io.Copy(conn, conn)
				conn.Close()
			}()
		}
	}()
	proxy, err := cutproxy.Listen(t.Context(), listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { proxy.Close() })
	return proxy
}

// dial connects to the proxy; nothing on the connection waits for ever.
func dial(t *testing.T, proxy *cutproxy.Proxy) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", proxy.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn.(*net.TCPConn)
}

// echo sends the text and reads it back.
func echo(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len(text))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != text {
		t.Fatalf("echo gave %q, %v; want %q", got, err, text)
	}
}

// assertCut reads to the end, which must be a broken connection, not an
// orderly end nor the test's patience.
func assertCut(t *testing.T, conn net.Conn) []byte {
	t.Helper()
	rest, err := io.ReadAll(conn)
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the connection ended with %v, want it broken", err)
	}
	return rest
}

func TestPassesBytesUntilEitherSideEnds(t *testing.T) {
	t.Parallel()
	conn := dial(t, setup(t))
	text := strings.Repeat("abcdefgh", 1<<17)
	go func() {
		io.WriteString(conn, text)
		conn.CloseWrite()
	}()
	got, err := io.ReadAll(conn)
	if err != nil || string(got) != text {
		t.Errorf("%d of %d bytes came back, %v", len(got), len(text), err)
	}
}

func TestCutsEveryConnectionOnce(t *testing.T) {
	t.Parallel()
	proxy := setup(t)
	first, second := dial(t, proxy), dial(t, proxy)
	echo(t, first, "first")
	echo(t, second, "second")

	proxy.CutAfter(0)
	assertCut(t, first)
	assertCut(t, second)
	if got := proxy.Cuts(); got != 1 {
		t.Errorf("Cuts() = %d, want 1", got)
	}
	echo(t, dial(t, proxy), "a connection after the cut is whole")
}

func TestCutsInTheMiddle(t *testing.T) {
	t.Parallel()
	proxy := setup(t)
	conn := dial(t, proxy)
	echo(t, conn, "before")

	proxy.CutAfter(10)
	echo(t, conn, "0123456")
	if _, err := io.WriteString(conn, "789torn"); err != nil {
		t.Fatal(err)
	}
	if rest := assertCut(t, conn); !strings.HasPrefix("789", string(rest)) {
		t.Errorf("%q came through after the cut was due", rest)
	}
	if got := proxy.Cuts(); got != 1 {
		t.Errorf("Cuts() = %d, want 1", got)
	}
	echo(t, dial(t, proxy), strings.Repeat("whole again", 10))
}

func TestAServerThatIsNotThereEndsTheConnection(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	proxy, err := cutproxy.Listen(t.Context(), listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { proxy.Close() })
	rest, err := io.ReadAll(dial(t, proxy))
	if len(rest) > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read %q, %v, want an end at once", rest, err)
	}
}

func TestCloseEndsWhatIsOpen(t *testing.T) {
	t.Parallel()
	proxy := setup(t)
	conn := dial(t, proxy)
	echo(t, conn, "open")
	if err := proxy.Close(); err != nil {
		t.Fatal(err)
	}
	assertCut(t, conn)
	if _, err := net.Dial("tcp", proxy.Addr()); err == nil {
		t.Error("a closed proxy still accepts")
	}
}
