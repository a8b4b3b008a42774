// The identifiers of all rooms under the trade's names.
global using AgreementId = Caravan.Platform.Ids.Id<Caravan.Platform.Ids.AgreementIdKind>;
global using CourierId = Caravan.Platform.Ids.Id<Caravan.Platform.Ids.CourierIdKind>;
global using FeedDocumentId = Caravan.Platform.Ids.Id<Caravan.Platform.Ids.FeedDocumentIdKind>;
global using FeedId = Caravan.Platform.Ids.Id<Caravan.Platform.Ids.FeedIdKind>;
global using FulfilmentId = Caravan.Platform.Ids.Id<Caravan.Platform.Ids.FulfilmentIdKind>;
global using HoldId = Caravan.Platform.Ids.Id<Caravan.Platform.Ids.HoldIdKind>;
global using ItemId = Caravan.Platform.Ids.Id<Caravan.Platform.Ids.ItemIdKind>;
global using JobId = Caravan.Platform.Ids.Id<Caravan.Platform.Ids.JobIdKind>;
global using LocationId = Caravan.Platform.Ids.Id<Caravan.Platform.Ids.LocationIdKind>;
global using MovementId = Caravan.Platform.Ids.Id<Caravan.Platform.Ids.MovementIdKind>;
global using OrderId = Caravan.Platform.Ids.Id<Caravan.Platform.Ids.OrderIdKind>;
global using PartnerId = Caravan.Platform.Ids.Id<Caravan.Platform.Tenancy.PartnerIdKind>;
global using PromiseId = Caravan.Platform.Ids.Id<Caravan.Platform.Ids.PromiseIdKind>;
global using QuotaId = Caravan.Platform.Ids.Id<Caravan.Platform.Ids.QuotaIdKind>;
global using SafetyRuleId = Caravan.Platform.Ids.Id<Caravan.Platform.Ids.SafetyRuleIdKind>;
global using SupplyId = Caravan.Platform.Ids.Id<Caravan.Platform.Ids.SupplyIdKind>;
global using TransferId = Caravan.Platform.Ids.Id<Caravan.Platform.Ids.TransferIdKind>;
