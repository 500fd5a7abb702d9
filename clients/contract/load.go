package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// Load reads a plan. It is strict: unknown members, data after the plan and
// every inconsistency that Check finds are errors.
func Load(data []byte) (*Plan, error) {
	var version struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(data, &version); err != nil {
		return nil, fmt.Errorf("contract: the plan is not JSON: %w", err)
	}
	if version.Version != Version {
		return nil, fmt.Errorf("contract: the plan has version %d, this runner reads version %d", version.Version, Version)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	plan := new(Plan)
	if err := decoder.Decode(plan); err != nil {
		return nil, fmt.Errorf("contract: plan: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, fmt.Errorf("contract: there is data after the plan")
	}
	return plan, plan.Check()
}

// Check finds every inconsistency of the plan: names that lead nowhere, frames
// that are no templates, cases that contradict what their operation declares.
func (p *Plan) Check() error {
	_, err := compile(p)
	return err
}

// JSON is the plan as text, indented; the same plan always gives the same text.
func (p *Plan) JSON() ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(p); err != nil {
		return nil, fmt.Errorf("contract: plan: %w", err)
	}
	return text.Bytes(), nil
}
