package emit

import (
	"strings"
	"unicode"

	"github.com/taskbridge/tbgen/cmd/tbgen/internal/model"
)

// lineWidth is where comments are wrapped, not counting their indentation.
const lineWidth = 80

// comment is the text as a Go comment, wrapped; "" for no text. Paragraphs,
// lists and indented blocks keep their lines. Every line stands behind "// ",
// so that no text of a document can be code or a directive.
func comment(text string) string {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r", ""))
	if text == "" {
		return ""
	}
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		if len(lines) > 0 {
			lines = append(lines, "//")
		}
		lines = append(lines, wrapParagraph(paragraph)...)
	}
	return strings.Join(lines, "\n")
}

func wrapParagraph(paragraph string) []string {
	var lines []string
	var words []string
	flush := func() {
		lines = append(lines, wrap(words)...)
		words = nil
	}
	for line := range strings.SplitSeq(strings.Trim(paragraph, "\n"), "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(trimmed, "- "), strings.HasPrefix(trimmed, "* "):
			flush()
			words = append([]string{"  -"}, strings.Fields(trimmed[2:])...)
		case strings.HasPrefix(line, "    "), strings.HasPrefix(trimmed, "|"):
			flush()
			lines = append(lines, "//	"+trimmed)
		default:
			words = append(words, strings.Fields(trimmed)...)
		}
	}
	flush()
	return lines
}

func wrap(words []string) []string {
	var lines []string
	line := ""
	for _, word := range words {
		switch {
		case line == "":
			line = word
		case len(line)+1+len(word) > lineWidth-3:
			lines = append(lines, "// "+line)
			line = word
		default:
			line += " " + word
		}
	}
	if line != "" {
		lines = append(lines, "// "+line)
	}
	return lines
}

// godoc is the comment of the thing called name: its text made a sentence
// about it, as Go has it. "The state of a task" becomes "Name is the state of
// a task", "Creates a task" becomes "Name creates a task".
func godoc(name, text string) string {
	if text = strings.TrimSpace(text); text == "" {
		return comment(name + " has no description in the document.")
	}
	return comment(sentence(name, text))
}

func sentence(name, text string) string {
	first, _, _ := strings.Cut(text, " ")
	switch {
	case first == name:
		return text
	case isClause(text):
		return name + ": " + text
	case first == "The", first == "A", first == "An", first == "One", first == "What", first == "Where", first == "Who", first == "Whether", first == "How", first == "Why", first == "Which":
		return name + " is " + lowerFirst(text)
	case isVerb(first) && !strings.HasPrefix(text, first+" of "):
		return name + " " + lowerFirst(text)
	default:
		return name + ": " + text
	}
}

// isVerb reports whether a word that begins a description looks like a verb in
// the third person: "Creates", "gives".
func isVerb(word string) bool {
	word = strings.TrimRight(word, ",:")
	return len(word) > 2 && strings.HasSuffix(word, "s") && !strings.HasSuffix(word, "ss") &&
		strings.IndexFunc(word[1:], func(r rune) bool { return !unicode.IsLower(r) }) < 0
}

// isClause reports whether a text begins with a whole sentence, "The work has
// begun.", rather than with a phrase that names a thing, "The state that it is in".
func isClause(text string) bool {
	for word := range strings.FieldsSeq(text) {
		switch strings.TrimRight(word, ",;:.") {
		case "is", "are", "was", "were", "has", "have", "had", "will", "can", "must", "may", "should":
			return true
		case "that", "which", "who", "whose", "where", "when", "what", "how", "whether", "as", "if", "of", "for",
			"before", "after", "until", "while", "Why", "Which", "What", "Where", "Who", "Whether", "How":
			return false
		}
		if strings.TrimRight(word, ",;:.") != word {
			return false
		}
	}
	return false
}

func lowerFirst(text string) string {
	runes := []rune(text)
	if len(runes) > 1 && unicode.IsUpper(runes[1]) {
		return text // an abbreviation
	}
	runes[0] = unicode.ToLower(runes[0])
	return string(runes)
}

func methodDoc(m *model.Method) string {
	text := sentence(m.GoName, m.Doc)
	if len(m.Errors) > 0 {
		text += "\n\nErrors: " + strings.Join(m.Errors, ", ") + "."
	}
	return text
}

func operationDoc(o *model.Operation) string {
	text := o.Doc
	if text == "" {
		text = o.Summary
	}
	if text == "" {
		return o.GoName + " is " + o.Method + " " + o.Path + "."
	}
	return sentence(o.GoName, text) + "\n\n" + o.Method + " " + o.Path
}

// responseDoc names the responses that an operation has.
func responseDoc(o *model.Operation) string {
	var names []string
	for _, r := range o.Answers() {
		names = append(names, "["+o.GoName+r.Status+"]")
	}
	text := o.GoName + "Response is the response of " + o.GoName + ": "
	switch last := len(names) - 1; last {
	case -1:
		return text + "the document has none but errors."
	case 0:
		return text + names[0] + "."
	default:
		return text + strings.Join(names[:last], ", ") + " or " + names[last] + "."
	}
}

func errorDoc(e *model.Error) string {
	return sentence("Err"+e.GoName, e.Doc)
}

// unionDoc is a union's text and a sentence that names its arms.
func unionDoc(t *model.Type) string {
	var arms []string
	for _, arm := range t.Union.Arms {
		arms = append(arms, "["+arm.Type.Name+"]")
	}
	return t.Doc + "\n\nIt is one of " + strings.Join(arms, ", ") +
		" or, of a kind that this package does not know, [Unknown" + t.Name + "]."
}
