using System.Globalization;
using Caravan.Network;
using Caravan.Orders.Rules;
using Caravan.Platform.Problems;
using Caravan.Platform.Screens;
using Caravan.Stock;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Caravan.Operations.Rules;

/// <summary>Rules as they stand in the fields of a form, and what is wrong with them, by the name of the field.</summary>
public sealed record RuleForm(IReadOnlyDictionary<string, string> Values, IReadOnlyDictionary<string, string> Errors)
{
    /// <summary>So many rows are empty, for more.</summary>
    private const int RowsMore = 3;

    private const int RowsMax = 200;

    // Where a fault of a list's entry is shown.
    private static readonly Dictionary<string, string> RowFields = new()
    {
        ["location"] = "location",
        ["sameDay"] = "same",
        ["nextDay"] = "next",
        ["sku"] = "sku",
        ["item"] = "sku",
        ["category"] = "category",
        ["units"] = "amount",
        ["percent"] = "amount",
        ["code"] = "switch",
    };

    /// <summary>Faults that no field shows.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    public string? Value(string name) => Values.GetValueOrDefault(name);

    public string? Error(string name) => Errors.GetValueOrDefault(name);

    /// <summary>How many rows of a list the form shows.</summary>
    public int Rows(string first)
    {
        var last = -1;
        for (var i = 0; i < RowsMax; i++)
            last = Values.GetValueOrDefault($"{first}{i}") is { Length: > 0 } ? i : last;
        return Math.Min(last + 1 + RowsMore, RowsMax);
    }

    /// <summary>The fields of a rule set, or of none.</summary>
    public static RuleForm Of(string note, SourcingWeights weights, RuleChanges changes, NetworkSnapshot network, IReadOnlyDictionary<ItemId, string> skus)
    {
        var values = new Dictionary<string, string>
        {
            ["note"] = note,
            ["kindOrder"] = string.Join(',', weights.KindOrder),
            ["kindMinutes"] = Text(weights.KindMinutes),
            ["parcelMinutes"] = Text(weights.ParcelMinutes),
            ["readyPercent"] = Text(weights.ReadyPercent),
            ["loadMinutes"] = Text(weights.LoadMinutes),
            ["otherOperatorMinutes"] = Text(weights.OtherOperatorMinutes),
            ["mostParcelsWithinHour"] = Text(weights.MostParcelsWithinHour),
            ["mostParcels"] = Text(weights.MostParcels),
        };
        foreach (var region in changes.Regions)
            values[$"region-{region.Code}"] = region.IsActive ? "on" : "off";
        foreach (var (i, one) in changes.CutOffs.Index())
        {
            values[$"cutoff-location-{i}"] = network.Find(one.Location)?.Code ?? one.Location.ToString();
            values[$"cutoff-same-{i}"] = Text(one.SameDay);
            values[$"cutoff-next-{i}"] = Text(one.NextDay);
        }

        foreach (var (i, one) in changes.Buffers.Index())
        {
            values[$"buffer-sku-{i}"] = one.Item is { } item ? skus.GetValueOrDefault(item, item.ToString()) : "";
            values[$"buffer-category-{i}"] = one.Category ?? "";
            values[$"buffer-where-{i}"] = one.Location is { } location ? network.Find(location)?.Code ?? location.ToString() : one.Kind?.ToString().ToLowerInvariant() ?? "";
            values[$"buffer-amount-{i}"] = one.Percent is { } percent ? $"{percent}%" : one.Units is { } units ? Text(units) : "none";
        }

        return new RuleForm(values, new Dictionary<string, string>());
    }

    /// <summary>Reads a form; without a request, the form says what is wrong.</summary>
    public static (RulesRequest? Asked, RuleForm Form) Read(IFormCollection sent, NetworkSnapshot network, PartnerId company)
    {
        var values = sent.Where(field => !field.Key.StartsWith('_')).ToDictionary(field => field.Key, field => field.Value.ToString().Trim());
        var errors = new Dictionary<string, string>();
        var weights = new SourcingWeights
        {
            KindOrder = Kinds(),
            KindMinutes = Number("kindMinutes"),
            ParcelMinutes = Number("parcelMinutes"),
            ReadyPercent = Number("readyPercent") ?? 0,
            LoadMinutes = Number("loadMinutes") ?? 0,
            OtherOperatorMinutes = Number("otherOperatorMinutes") ?? 0,
            MostParcelsWithinHour = Number("mostParcelsWithinHour") ?? SourcingWeightsAsMade.MostParcelsWithinHour,
            MostParcels = Number("mostParcels") ?? SourcingWeightsAsMade.MostParcels,
        };
        var request = new RulesRequest(values.GetValueOrDefault("note", ""), weights) { Regions = Regions(), CutOffs = CutOffs(), Buffers = Buffers() };
        var form = new RuleForm(values, errors);
        return errors.Count > 0 ? (null, form) : SourcingRulesDesk.Check(request) is { Failed: true, Faults: var faults } ? (null, form.With(faults)) : (request, form);

        List<LocationKind> Kinds()
        {
            List<LocationKind> kinds = [];
            foreach (var word in values.GetValueOrDefault("kindOrder", "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                if (Enum.TryParse<LocationKind>(word, ignoreCase: true, out var kind) && Enum.IsDefined(kind))
                    kinds.Add(kind);
                else
                    errors["kindOrder"] = $"'{word}' is no kind of node.";
            }

            return kinds;
        }

        List<RegionSwitch> Regions() => [.. values.Where(field => field.Key.StartsWith("region-", StringComparison.Ordinal) && field.Value is "on" or "off").Select(field => new RegionSwitch(field.Key["region-".Length..], field.Value == "on"))];

        List<CutOffs> CutOffs()
        {
            List<CutOffs> found = [];
            for (var i = 0; i < RowsMax; i++)
            {
                if (values.GetValueOrDefault($"cutoff-location-{i}") is not { Length: > 0 } code)
                    continue;
                if (network.Locations.FirstOrDefault(location => location.Operator == company && location.Code == code) is not { } location)
                    errors[$"cutoff-location-{i}"] = $"You run no location '{code}'.";
                else
                    found.Add(new CutOffs(location.Id) { SameDay = Time($"cutoff-same-{i}"), NextDay = Time($"cutoff-next-{i}") });
            }

            return found;
        }

        List<BufferChange> Buffers()
        {
            List<BufferChange> found = [];
            for (var i = 0; i < RowsMax; i++)
            {
                var amount = values.GetValueOrDefault($"buffer-amount-{i}", "");
                if (amount.Length == 0)
                    continue;

                var where = values.GetValueOrDefault($"buffer-where-{i}", "");
                var kind = Enum.TryParse<LocationKind>(where, ignoreCase: true, out var word) && where.All(char.IsAsciiLetter) ? word : (LocationKind?)null;
                var location = where.Length == 0 || kind is not null ? null : network.Locations.FirstOrDefault(one => one.Code == where);
                var isNumber = int.TryParse(amount.TrimEnd('%', ' '), NumberStyles.None, CultureInfo.InvariantCulture, out var number);
                if (where.Length > 0 && kind is null && location is null)
                    errors[$"buffer-where-{i}"] = $"There is no location '{where}'; write its code, store, warehouse, or nothing.";
                if (!isNumber && amount != "none")
                    errors[$"buffer-amount-{i}"] = "Write units such as 5, per cent such as 10%, or none.";
                found.Add(new BufferChange
                {
                    Sku = values.GetValueOrDefault($"buffer-sku-{i}") is { Length: > 0 } sku ? sku : null,
                    Category = values.GetValueOrDefault($"buffer-category-{i}") is { Length: > 0 } category ? category : null,
                    Location = location?.Id,
                    Kind = kind,
                    Units = isNumber && !amount.EndsWith('%') ? number : null,
                    Percent = isNumber && amount.EndsWith('%') ? number : null,
                });
            }

            return found;
        }

        int? Number(string name)
        {
            if (values.GetValueOrDefault(name) is not { Length: > 0 } text)
                return null;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                return number;
            errors[name] = "Write a whole number.";
            return null;
        }

        TimeOnly? Time(string name)
        {
            if (values.GetValueOrDefault(name) is not { Length: > 0 } text)
                return null;
            if (TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
                return time;
            errors[name] = "Write a time such as 16:00.";
            return null;
        }
    }

    /// <summary>The form with what a refusal says.</summary>
    public RuleForm With(IResult refusal) => refusal is ProblemHttpResult { ProblemDetails: { } problem }
        ? problem.Extensions.TryGetValue("errors", out var errors) && errors is IReadOnlyList<Fault> faults ? With(faults) : this with { Others = [problem.Detail ?? ""] }
        : this;

    private RuleForm With(IReadOnlyList<Fault> faults)
    {
        var errors = new Dictionary<string, string>(Errors);
        List<string> others = [];
        foreach (var fault in faults)
        {
            if (FieldOf(fault.Pointer) is { } field)
                errors.TryAdd(field, fault.Detail);
            else
                others.Add(fault.Detail);
        }

        return this with { Errors = errors, Others = others };
    }

    // #/weights/kindMinutes; #/cutOffs/2/sameDay, where 2 counts the rows that are filled in.
    private string? FieldOf(string? pointer) => pointer?.TrimStart('#', '/').Split('/') switch
    {
        ["note"] => "note",
        ["weights", var name] => name,
        ["cutOffs", var at, .. var rest] => $"cutoff-{RowFields.GetValueOrDefault(rest.FirstOrDefault() ?? "", "location")}-{RowOf("cutoff-location-", at)}",
        ["buffers", var at, .. var rest] => rest is ["location"] ? $"buffer-where-{RowOf("buffer-amount-", at)}" : $"buffer-{RowFields.GetValueOrDefault(rest.FirstOrDefault() ?? "", "amount")}-{RowOf("buffer-amount-", at)}",
        _ => null,
    };

    private int RowOf(string first, string at) =>
        Enumerable.Range(0, RowsMax).Where(i => Values.GetValueOrDefault($"{first}{i}") is { Length: > 0 }).ElementAtOrDefault(int.Parse(at, CultureInfo.InvariantCulture));

    private static readonly SourcingWeights SourcingWeightsAsMade = new();

    private static string Text(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static string Text(TimeOnly? time) => time?.ToString("HH:mm", CultureInfo.InvariantCulture) ?? "";
}

/// <summary>Rules in words.</summary>
public static class RuleWords
{
    /// <summary>What weights say, a sentence each.</summary>
    public static IReadOnlyList<string> Of(SourcingWeights weights)
    {
        List<string> words = [];
        if (weights.KindOrder.Count > 0)
            words.Add($"{string.Join(", then ", weights.KindOrder.Select((kind, place) => place == 0 ? Plural(kind) : Plural(kind).ToLowerInvariant()))}{(weights.KindMinutes is { } minutes ? $"; each step down counts {minutes} minutes farther" : ", whatever the distance")}.");
        words.Add(weights.ParcelMinutes is { } parcel ? $"One parcel more is sent when it saves more than {parcel} minutes of the way." : "As few parcels as can be, then the closest.");
        if (weights.ReadyPercent > 0)
            words.Add($"A minute until the parcel is ready counts {weights.ReadyPercent} % of a minute of the way.");
        if (weights.LoadMinutes > 0)
            words.Add($"A node with a full hour counts {weights.LoadMinutes} minutes farther.");
        if (weights.OtherOperatorMinutes > 0)
            words.Add($"Another company's node counts {weights.OtherOperatorMinutes} minutes farther.");
        words.Add($"At most {weights.MostParcelsWithinHour} parcels within the hour, {weights.MostParcels} otherwise.");
        return words;
    }

    /// <summary>What else a version changes.</summary>
    public static IReadOnlyList<string> Of(RuleChanges changes, NetworkSnapshot network, IReadOnlyDictionary<ItemId, string> skus) =>
    [
        .. changes.Regions.Select(region => $"Region {region.Code} {(region.IsActive ? "on" : "off")}."),
        .. changes.CutOffs.Select(one => $"{network.Find(one.Location)?.Name ?? "A location"}: same day until {one.SameDay?.ToString("HH:mm", CultureInfo.InvariantCulture) ?? "never"}, next day until {one.NextDay?.ToString("HH:mm", CultureInfo.InvariantCulture) ?? "never"}."),
        .. changes.Buffers.Select(one => $"{(one.Item is { } item ? skus.GetValueOrDefault(item, "an item") : one.Category is { } category ? $"Category {category}" : "Everything")} {(one.Location is { } at ? $"at {network.Find(at)?.Name}" : one.Kind is { } kind ? $"at every {kind.ToString().ToLowerInvariant()}" : "everywhere")}: {(one.Percent is { } percent ? $"{percent} % kept back" : one.Units is { } units ? $"{units} kept back" : "no rule")}."),
    ];

    /// <summary>Stores, Warehouses.</summary>
    public static string Plural(LocationKind kind) => $"{kind}s";

    /// <summary>The orders of kinds to choose from, with the one that is chosen.</summary>
    public static IReadOnlyList<FieldOption> KindOrders(string? chosen)
    {
        List<FieldOption> options = [new("", "All alike"), new("Store,Warehouse", "Stores, then warehouses"), new("Warehouse,Store", "Warehouses, then stores")];
        if (chosen is { Length: > 0 } && !options.Exists(option => option.Value == chosen))
            options.Add(new(chosen, chosen.Replace(",", ", then ", StringComparison.Ordinal)));
        return options;
    }
}
