package main

import (
	"context"
	"errors"
	"log/slog"
	"net/url"
	"time"

	"github.com/taskbridge/tbgen/cmd/taskbridge/internal/cutproxy"
	"github.com/taskbridge/tbgen/cmd/taskbridge/internal/host"
)

// stage is a running server with the proxy before it.
type stage struct {
	host                *host.Host
	proxy               *cutproxy.Proxy
	serverURL, proxyURL string
}

func openStage(ctx context.Context) (*stage, error) {
	h, err := host.Start(ctx, host.Options{Listen: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	at, err := url.Parse(h.URL())
	if err != nil {
		return nil, errors.Join(err, stop(h))
	}
	proxy, err := cutproxy.Listen(ctx, at.Host)
	if err != nil {
		return nil, errors.Join(err, stop(h))
	}
	return &stage{host: h, proxy: proxy, serverURL: h.URL(), proxyURL: "http://" + proxy.Addr()}, nil
}

func (s *stage) close() error {
	return errors.Join(s.proxy.Close(), stop(s.host))
}

// stop ends the server, also after the demo was interrupted.
func stop(h *host.Host) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return h.Stop(ctx)
}
