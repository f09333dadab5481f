package analysis

// Code is the stable kebab-case name of a rule. Each has a section in
// docs/diagnostics.md; a test holds the two together.
type Code string

// The rules. The groups are those of docs/diagnostics.md.
const (
	// The text.
	CodeSyntaxError  Code = "syntax-error"
	CodeDuplicateKey Code = "duplicate-key"
	CodeNotATemplate Code = "not-a-template"

	// Nodes and their properties.
	CodeUnknownKind         Code = "unknown-kind"
	CodeKindNotAllowed      Code = "kind-not-allowed-here"
	CodeMissingProperty     Code = "missing-property"
	CodeUnknownProperty     Code = "unknown-property"
	CodeWrongType           Code = "wrong-type"
	CodeNotInEnum           Code = "not-in-enum"
	CodePatternMismatch     Code = "pattern-mismatch"
	CodeOutOfRange          Code = "out-of-range"
	CodeWrongLength         Code = "wrong-length"
	CodeExclusiveProperties Code = "exclusive-properties"
	CodeDeprecatedForm      Code = "deprecated-form"
	CodeUnknownPlan         Code = "unknown-plan"
	CodeNameCollision       Code = "name-collision"
	CodeNameTooLong         Code = "name-too-long"
	CodeAddonFork           Code = "addon-fork"
	CodeAddonDowngrade      Code = "addon-downgrade"
	CodeAddonUpgrade        Code = "addon-upgrade"
	CodeReleaseTarget       Code = "release-target"
	CodePromotionSource     Code = "promotion-source"

	// References.
	CodeDuplicateRef        Code = "duplicate-ref"
	CodeUnresolvedRef       Code = "unresolved-ref"
	CodeRefBeforeItResolves Code = "ref-before-it-resolves"
	CodeRefToSibling        Code = "ref-to-parallel-sibling"
	CodeReferenceCycle      Code = "reference-cycle"
	CodeRefOutOfScope       Code = "ref-out-of-scope"
	CodeNestedScope         Code = "nested-scope"
	CodeSkippedRef          Code = "skipped-ref"
	CodeUnknownOutput       Code = "unknown-output"
	CodePortIndex           Code = "port-index-out-of-range"
	CodeUnknownRoot         Code = "unknown-root"
	CodeUnusedRef           Code = "unused-ref"
	CodeDNSWithoutCondition Code = "dns-without-condition"

	// Arguments.
	CodeUndeclaredArgument Code = "undeclared-argument"
	CodeUnusedArgument     Code = "unused-argument"

	// Expressions and functions.
	CodeExpressionSyntax  Code = "expression-syntax"
	CodeUnknownFunction   Code = "unknown-function"
	CodeArgumentCount     Code = "argument-count"
	CodeArgumentType      Code = "argument-type"
	CodeInvalidRegex      Code = "invalid-regex"
	CodeResultType        Code = "result-type"
	CodeConstantCondition Code = "constant-condition"

	// Contexts.
	CodeMissingProjectContext Code = "missing-project-context"

	// Secrets.
	CodeSecretInTemplate   Code = "secret-in-template"
	CodeCommittedOverrides Code = "committed-overrides"
)

// Rule describes a code.
type Rule struct {
	Code     Code
	Severity Severity
	// Summary says in one sentence what the rule reports.
	Summary string
}

// rules in the order of docs/diagnostics.md.
var rules = [...]Rule{
	{CodeSyntaxError, Error, "The text is not JSON at this place."},
	{CodeDuplicateKey, Warning, "An object has the same property twice; the platform keeps only the last."},
	{CodeNotATemplate, Error, "The file is JSON, but no Northflank template, release flow or preview environment."},

	{CodeUnknownKind, Error, "No node kind has this name."},
	{CodeKindNotAllowed, Error, "This kind of node may not stand in this kind of document, or not in its teardown."},
	{CodeMissingProperty, Error, "A required property is not there."},
	{CodeUnknownProperty, Warning, "The node kind documents no such property."},
	{CodeWrongType, Error, "The value is of a type that this property does not take."},
	{CodeNotInEnum, Error, "The property takes one of a list of values, and this is none of them."},
	{CodePatternMismatch, Error, "The text does not have the form that the property requires."},
	{CodeOutOfRange, Error, "The number is smaller or larger than the property allows."},
	{CodeWrongLength, Error, "The text or list is shorter or longer than the property allows."},
	{CodeExclusiveProperties, Error, "Properties of two alternatives that exclude each other stand together."},
	{CodeDeprecatedForm, Hint, "An older form that has a newer one."},
	{CodeUnknownPlan, Hint, "A plan, a region, an addon type or its version that is not offered to everybody."},
	{CodeNameCollision, Warning, "Two nodes make one and the same resource."},
	{CodeNameTooLong, Error, "With its expressions resolved the name is too long."},
	{CodeAddonFork, Error, "The addon cannot be a copy of its source."},
	{CodeAddonDowngrade, Warning, "An addon is set back to an earlier version."},
	{CodeAddonUpgrade, Warning, "An addon cannot be upgraded like this."},
	{CodeReleaseTarget, Warning, "A release flow deploys to a resource of another stage."},
	{CodePromotionSource, Warning, "A release flow promotes from another stage than the one before."},

	{CodeDuplicateRef, Warning, "Two nodes carry the same ref, so a reference cannot tell them apart."},
	{CodeUnresolvedRef, Error, "No node or Git trigger in reach has this ref."},
	{CodeRefBeforeItResolves, Error, "The node that is referred to has not run when the value is needed."},
	{CodeRefToSibling, Warning, "The node that is referred to runs at the same time."},
	{CodeReferenceCycle, Error, "Nodes wait for one another in a circle."},
	{CodeRefOutOfScope, Error, "The ref exists, but in another document of the file."},
	{CodeNestedScope, Warning, "An expression of a nested document mixes what runs now with what runs later."},
	{CodeSkippedRef, Error, "The node that is referred to is always skipped."},
	{CodeUnknownOutput, Hint, "The kind of node documents no such output."},
	{CodePortIndex, Warning, "The service has no port at this position."},
	{CodeUnknownRoot, Error, "An expression starts with refs, args, secrets, fn or template."},
	{CodeUnusedRef, Off, "Nothing uses the ref."},
	{CodeDNSWithoutCondition, Hint, "An address is read although nothing waits until its owner runs."},

	{CodeUndeclaredArgument, Warning, "The argument is not declared under arguments."},
	{CodeUnusedArgument, Hint, "Nothing uses the argument."},

	{CodeExpressionSyntax, Error, "The expression is not complete or holds something that does not belong there."},
	{CodeUnknownFunction, Error, "There is no function of this name."},
	{CodeArgumentCount, Error, "The function takes another number of arguments."},
	{CodeArgumentType, Error, "The function cannot take a value of this type."},
	{CodeInvalidRegex, Error, "The regular expression is not valid."},
	{CodeResultType, Error, "The expression gives a value that this property does not take."},
	{CodeConstantCondition, Warning, "A condition always comes to the same."},

	{CodeMissingProjectContext, Error, "A node that belongs to a project has none."},

	{CodeSecretInTemplate, Warning, "A secret stands in the file."},
	{CodeCommittedOverrides, Warning, "Argument overrides stand in the file."},
}

// Rules lists all rules in the order of the documentation.
func Rules() []Rule { return rules[:] }

// LookupRule returns the rule with the code.
func LookupRule(code Code) (Rule, bool) {
	for _, r := range rules {
		if r.Code == code {
			return r, true
		}
	}
	return Rule{}, false
}

// documentation is the page that explains every code, by anchor.
const documentation = "https://github.com/nf-lsp/nf-lsp/blob/main/docs/diagnostics.md"

// DocumentationURL is where the rule is explained with examples.
func (c Code) DocumentationURL() string { return documentation + "#" + string(c) }
