package platform

// The operations on external addons, which live in a cloud account, and on AI models.
const (
	OpCreateExternalAddon = "project/external-addons/create-external-addon"
	OpDeleteExternalAddon = "project/external-addons/delete-external-addon"
	OpGetExternalAddon    = "project/external-addons/get-external-addon"
	OpListExternalAddons  = "project/external-addons/list-external-addons"
	OpUpdateExternalAddon = "project/external-addons/update-external-addon"
	OpCreateModel         = "project/ai-models/create-ai-model"
	OpDeleteModel         = "project/ai-models/delete-ai-model"
	OpGetModel            = "project/ai-models/get-ai-model"
	OpListModels          = "project/ai-models/list-ai-models"
	OpUpdateModel         = "project/ai-models/update-ai-model"
)
