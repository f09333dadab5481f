package truth

import "slices"

// mutators are all ways in which templates are broken, in the order of the rules.
var mutators = slices.Concat(textFaults, schemaFaults, referenceFaults, expressionFaults, platformFaults)
