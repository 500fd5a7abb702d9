package memory

import (
	"context"
	"time"

	"github.com/taskbridge/tbgen/gen/port"
)

// GetReceipt implements [port.ActionReceiptStore].
func (s *Store) GetReceipt(ctx context.Context, taskID, clientActionID string) (*port.TaskActionReceipt, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.ready(ctx); err != nil {
		return nil, err
	}
	if found, ok := s.tasks[taskID]; ok {
		return found.receipt(clientActionID), nil
	}
	return nil, nil
}

// SaveReceipt implements [port.ActionReceiptStore].
func (s *Store) SaveReceipt(ctx context.Context, receipt port.TaskActionReceipt) (stored port.TaskActionReceipt, created bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.find(ctx, receipt.TaskID)
	if err != nil {
		return stored, false, err
	}
	if existing := found.receipt(receipt.ClientActionID); existing != nil {
		return *existing, false, nil
	}
	found.receipts[receipt.ClientActionID] = receipt
	s.grow(found, receiptSize(receipt))
	return receipt, true, nil
}

// DeleteExpiredReceipts implements [port.ActionReceiptStore].
func (s *Store) DeleteExpiredReceipts(ctx context.Context, before time.Time) (deleted int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(ctx); err != nil {
		return 0, err
	}
	for _, found := range s.tasks {
		for id, receipt := range found.receipts {
			if receipt.ExpiresAt != nil && receipt.ExpiresAt.Before(before) {
				delete(found.receipts, id)
				s.grow(found, -receiptSize(receipt))
				deleted++
			}
		}
	}
	return deleted, nil
}

// receipt gives a copy of the receipt under an id, or nil.
func (t *task) receipt(clientActionID string) *port.TaskActionReceipt {
	if receipt, ok := t.receipts[clientActionID]; ok {
		return &receipt
	}
	return nil
}
