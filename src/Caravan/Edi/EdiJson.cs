using System.Text.Json;
using System.Text.Json.Serialization;
using Caravan.Engines.Edi;
using Caravan.Network;
using Caravan.Platform.Problems;

namespace Caravan.Edi;

/// <summary>How a company is addressed in envelopes.</summary>
internal sealed record AddressBody(string Id)
{
    /// <summary>Whose numbering: ZZ, 01, 14 …; EDIFACT may do without.</summary>
    public string? Qualifier { get; init; }
}

/// <summary>Where goods for a ship-to number of theirs go.</summary>
internal sealed record DestinationEntry(string Code, double Latitude, double Longitude, string Address);

/// <summary>A trading partner.</summary>
internal sealed record TradingPartnerBody(string Name, AddressBody Own, AddressBody Theirs)
{
    public List<string>? Documents { get; init; }
    public FeedId? Feed { get; init; }
    public InventoryScope Inventory { get; init; }
    public Dictionary<string, QuantityMeaning>? Quantities { get; init; }
    public Dictionary<string, int>? Units { get; init; }
    public List<string>? ItemCodes { get; init; }
    public Dictionary<string, string>? Items { get; init; }
    public string? LocationReference { get; init; }
    public string? Location { get; init; }
    public List<DestinationEntry>? Destinations { get; init; }
    public string? Channel { get; init; }
    public DeliveryService Service { get; init; } = DeliveryService.NextDay;
    public bool AllowBackorder { get; init; }
    public bool TakesTests { get; init; }
    public bool SendsDespatch { get; init; }
    public LocationId? Warehouse { get; init; }
    public WarehouseDocument WarehouseBy { get; init; }
    public bool SpeaksEdifact { get; init; }

    public TradingSettings ToSettings() => new()
    {
        Documents = Documents,
        Feed = Feed,
        Inventory = Inventory,
        Quantities = Quantities,
        Units = Units,
        ItemCodes = ItemCodes,
        Items = Items,
        LocationReference = LocationReference,
        Location = Location,
        Destinations = Destinations?.ConvertAll(one => new EdiDestination(one.Code, one.Latitude, one.Longitude, one.Address)),
        Channel = Channel,
        Service = Service,
        AllowBackorder = AllowBackorder,
        TakesTests = TakesTests,
        SendsDespatch = SendsDespatch,
        Warehouse = Warehouse,
        WarehouseBy = WarehouseBy,
        SpeaksEdifact = SpeaksEdifact,
    };
}

/// <summary>A trading partner, with its id.</summary>
internal sealed record KnownPartnerBody(EdiPartnerId Id, TradingPartnerBody Partner)
{
    public static KnownPartnerBody Of(TradingPartner partner) => new(partner.Id, new TradingPartnerBody(partner.Name, new AddressBody(partner.Own.Id) { Qualifier = partner.Own.Qualifier }, new AddressBody(partner.Theirs.Id) { Qualifier = partner.Theirs.Qualifier })
    {
        Documents = partner.Settings.Documents,
        Feed = partner.Settings.Feed,
        Inventory = partner.Settings.Inventory,
        Quantities = partner.Settings.Quantities,
        Units = partner.Settings.Units,
        ItemCodes = partner.Settings.ItemCodes,
        Items = partner.Settings.Items,
        LocationReference = partner.Settings.LocationReference,
        Location = partner.Settings.Location,
        Destinations = partner.Settings.Destinations?.ConvertAll(one => new DestinationEntry(one.Code, one.Latitude, one.Longitude, one.Address)),
        Channel = partner.Settings.Channel,
        Service = partner.Settings.Service,
        AllowBackorder = partner.Settings.AllowBackorder,
        TakesTests = partner.Settings.TakesTests,
        SendsDespatch = partner.Settings.SendsDespatch,
        Warehouse = partner.Settings.Warehouse,
        WarehouseBy = partner.Settings.WarehouseBy,
        SpeaksEdifact = partner.Settings.SpeaksEdifact,
    });
}

/// <summary>An interchange in a list.</summary>
internal sealed record InterchangeEntry(EdiInterchangeId Id, string Partner, string Direction, EdiSyntax Syntax, string ControlNumber, IReadOnlyList<string> Types, InterchangeState State, EdiInterchangeId? AnswersTo, int Faults, DateTimeOffset At)
{
    public static InterchangeEntry Of(KeptInterchange kept, string partner) =>
        new(kept.Id, partner, kept.IsOut ? "out" : "in", kept.Syntax, kept.ControlNumber, kept.Types.Split(' ', StringSplitOptions.RemoveEmptyEntries), kept.State, kept.AnswersTo, kept.Faults.Count, kept.At);
}

/// <summary>A line of a message that was not taken.</summary>
internal sealed record RefusedLineBody(string Line, string Detail);

/// <summary>What became of a message.</summary>
internal sealed record MessageBody(int Number, string Type, string ControlNumber, string Reference, MessageState State, string Sentence, OrderId? Order, FeedDocumentId? Document, IReadOnlyList<RefusedLineBody> Lines);

/// <summary>An answer, ready to be sent: its bytes as text in UTF-8.</summary>
internal sealed record AcknowledgementBody(EdiInterchangeId Id, string ControlNumber, IReadOnlyList<string> Types, string Text);

/// <summary>An interchange, whole.</summary>
internal sealed record InterchangeBody(InterchangeEntry Interchange, IReadOnlyList<FaultBody> Faults, IReadOnlyList<MessageBody> Messages, IReadOnlyList<AcknowledgementBody> Acknowledgements, byte[] Raw)
{
    public static InterchangeBody Of(InterchangeStory story) => new(
        InterchangeEntry.Of(story.Interchange, story.PartnerName),
        story.Interchange.Faults,
        [.. story.Messages.Select(message => new MessageBody(message.Number, message.Type, message.ControlNumber, message.Reference, message.State, message.Result.Sentence, message.Result.Order, message.Result.Document, [.. message.Result.Lines.Select(line => new RefusedLineBody(line.Line, line.Detail))]))],
        [.. story.Answers.Select(answer => new AcknowledgementBody(answer.Interchange.Id, answer.Interchange.ControlNumber, answer.Interchange.Types.Split(' '), System.Text.Encoding.UTF8.GetString(answer.Raw)))],
        story.Raw);
}

/// <summary>What became of bytes that were sent, and the answers to them.</summary>
internal sealed record InterchangesTaken(bool IsRepeated, IReadOnlyList<InterchangeBody> Interchanges);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(TradingPartnerBody))]
[JsonSerializable(typeof(KnownPartnerBody))]
[JsonSerializable(typeof(Page<KnownPartnerBody>))]
[JsonSerializable(typeof(InterchangesTaken))]
[JsonSerializable(typeof(InterchangeBody))]
[JsonSerializable(typeof(Page<InterchangeEntry>))]
[JsonSerializable(typeof(TradingSettings))]
[JsonSerializable(typeof(MessageResult))]
[JsonSerializable(typeof(IReadOnlyList<FaultBody>), TypeInfoPropertyName = "IReadOnlyListFaultBody")]
[JsonSerializable(typeof(IReadOnlyList<BuyerLine>), TypeInfoPropertyName = "IReadOnlyListBuyerLine")]
internal sealed partial class EdiJson : JsonSerializerContext
{
    /// <summary>By the house rules, for what is kept in the store; what it computes is not kept.</summary>
    public static EdiJson House { get; } = new(HouseOptions());

    private static JsonSerializerOptions HouseOptions()
    {
        var options = new JsonSerializerOptions();
        ApiJson.Configure(options);
        options.IgnoreReadOnlyProperties = true;
        return options;
    }
}
