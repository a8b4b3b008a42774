using Caravan.Catalog;
using Caravan.Network;
using Caravan.Platform.Storage;

namespace Caravan.Stock.Connect;

/// <summary>What is known of a file with the choices so far: the guesses, and the lines where it can be read.</summary>
internal sealed record ReadConnection(Connection Shown, FeedFormat? Format, FeedFile? File, KnownCodes? Known, IReadOnlyDictionary<string, Guid> Items, IReadOnlyDictionary<string, Guid> Locations, Feed Feed, DateTimeOffset AsOf)
{
    /// <summary>What a column of names says beside a code.</summary>
    public required Func<string, string> NameOf { get; init; }

    public required IReadOnlyList<Location> Places { get; init; }
}

/// <summary>Reads a feed on its way: guesses, codes, dry run. It changes nothing.</summary>
internal sealed class ConnectionReading(NetworkMap map, ItemCatalog catalog, FeedCodes codes, SafetyBook safety, TimeProvider clock)
{
    public const int BreakerPercent = 40;
    public const int StaleAfterMinutes = 24 * 60;
    private const int UnknownShown = 50;
    private const int CatalogueMax = 20_000;
    private static readonly TimeSpan OldestAsOf = TimeSpan.FromDays(366);

    public async Task<ReadConnection> ReadAsync(Db db, KeptConnection kept, byte[] bytes, bool withDryRun, CancellationToken cancel)
    {
        var choices = kept.Choices;
        var network = await map.CurrentAsync(cancel);
        var now = clock.GetUtcNow();
        var placeIds = await codes.PlacesAsync(db, network, kept.Tenant, now);
        List<Location> places = [.. network.Locations.Where(location => placeIds.Contains(location.Id)).OrderBy(location => location.Operator != kept.Tenant).ThenBy(location => location.Code, StringComparer.Ordinal)];
        var guess = FeedGuess.Cut(bytes, choices);
        var words = await WordsAsync(db, kept.Tenant, guess, places);
        var (location, item, quantity) = guess.Columns(choices, words);
        var fixedLocation = location.Value.Length > 0 ? new Guessed("", 0, "A column tells it.")
            : choices.FixedLocation is { Length: > 0 } said ? FeedGuess.Said(said)
            : places is [var only] ? new Guessed(only.Code, 80, "It is the one place where you hold stock.")
            : new Guessed("", 0, "No column tells the location: choose which one this file is of.");
        var asOf = guess.AsOf(choices, kept.AsOf, OldestAsOf);
        var decimals = guess.Decimals(choices, quantity.Value);
        var itemCodes = guess.ItemCodes(choices, item.Value, words);
        var meaning = FeedGuess.Meaning(choices, quantity.Value);
        var shown = new Connection
        {
            Id = kept.Id,
            Name = kept.Name,
            FileName = kept.FileName,
            MadeAt = kept.MadeAt,
            AsOf = asOf,
            Encoding = guess.Encoding,
            Delimiter = guess.Delimiter,
            HeaderLine = guess.HeaderLine,
            Header = guess.Header,
            Sample = guess.Sample,
            LocationColumn = location,
            FixedLocation = fixedLocation,
            ItemColumn = item,
            QuantityColumn = quantity,
            Decimals = decimals,
            ItemCodes = itemCodes,
            Meaning = meaning,
            Feed = kept.Feed,
            Document = kept.Document,
        };
        var feed = new Feed
        {
            Tenant = kept.Tenant,
            Id = kept.Feed ?? new FeedId(kept.Id.Value),
            Name = kept.Name,
            ItemCodes = itemCodes.Value == "gtin" ? ItemCodes.Gtin : ItemCodes.Sku,
            IsNetOfOrders = meaning.Value == "available",
            StaleAfterMinutes = StaleAfterMinutes,
            BreakerPercent = BreakerPercent,
            CreatedAt = now,
        };
        var itemTargets = await ItemTargetsAsync(db, kept.Tenant, choices);
        var locationTargets = LocationTargets(places, choices);
        var trueAt = DateTimeOffset.Parse(asOf.Value, System.Globalization.CultureInfo.InvariantCulture);
        var names = NamesOf(guess, item.Value);
        var read = new ReadConnection(shown, null, null, null, itemTargets, locationTargets, feed, trueAt) { NameOf = code => names.GetValueOrDefault(code, ""), Places = places };
        var missing = item.Value.Length == 0 ? "Which column is the item? Choose it above."
            : quantity.Value.Length == 0 ? "Which column is the quantity? Choose it above."
            : location.Value.Length == 0 && fixedLocation.Value.Length == 0 ? "Which location is this file of? Choose it above."
            : null;
        if (missing is not null)
            return read with { Shown = shown with { Fault = missing } };

        var format = new FeedFormat
        {
            Encoding = guess.Encoding.Value,
            Delimiter = FeedGuess.SignOf(guess.Delimiter.Value),
            HeaderLine = int.Parse(guess.HeaderLine.Value, System.Globalization.CultureInfo.InvariantCulture),
            Location = location.Value.Length > 0 ? location.Value : null,
            FixedLocation = location.Value.Length > 0 ? null : fixedLocation.Value,
            Item = item.Value,
            Quantity = quantity.Value,
            DecimalMark = decimals.Value switch { "comma" => ',', "point" => '.', _ => null },
        };
        FeedFile file;
        try
        {
            file = FeedReader.Read(guess.Text, FeedDraft.FileLinesMax, format);
        }
        catch (FeedFileException fault)
        {
            return read with { Shown = shown with { Fault = fault.Message } };
        }

        if (file.Lines.Count == 0)
            return read with { Shown = shown with { Fault = "The file has a header and no lines." }, Format = format };
        if (file.IsCutOff)
            return read with { Shown = shown with { Fault = $"The file ends in the middle of line {file.Lines[^1].Number}: it was cut off. Export it again, whole." }, Format = format };

        var known = await codes.FindAsync(db, network, feed, file.Lines, new FeedScope(), now, (itemTargets, locationTargets));
        read = read with { Format = format, File = file, Known = known };
        if (!withDryRun)
            return read;

        return read with
        {
            Shown = shown with
            {
                Items = await ItemsAsync(db, read, guess),
                Locations = Codes(read, line => line.Location, code => known.Locations.ContainsKey(code), locationTargets, UnknownShown, CodeMatching.OfLocations(places), _ => ""),
                DryRun = await DryRunAsync(db, read, network),
            },
        };
    }

    /// <summary>The file's unknown codes, each with what it may be.</summary>
    public async Task<(ConnectionCodes Items, ConnectionCodes Locations)> UnknownAsync(Db db, ReadConnection read, int most)
    {
        var known = read.Known!; // Asked of a file that was read.
        var catalogue = await CatalogueAsync(db, read.Feed.Tenant);
        return (
            Codes(read, line => line.Item, known.Items.ContainsKey, read.Items, most, CodeMatching.OfItems(catalogue), read.NameOf, withLikeness: false),
            Codes(read, line => line.Location, known.Locations.ContainsKey, read.Locations, most, CodeMatching.OfLocations(read.Places), _ => "", withLikeness: false));
    }

    private async Task<ConnectionCodes> ItemsAsync(Db db, ReadConnection read, FeedGuess guess)
    {
        var known = read.Known!; // Set by the caller.
        var isAllKnown = read.File!.Lines.TrueForAll(line => known.Items.ContainsKey(line.Item)); // As above.
        return Codes(read, line => line.Item, known.Items.ContainsKey, read.Items, UnknownShown, isAllKnown ? CodeMatching.OfItems([]) : CodeMatching.OfItems(await CatalogueAsync(db, read.Feed.Tenant)), read.NameOf);
    }

    private static ConnectionCodes Codes(ReadConnection read, Func<FeedLine, string> of, Func<string, bool> isKnown, IReadOnlyDictionary<string, Guid> mapped, int most, CodeMatching matching, Func<string, string> beside, bool withLikeness = true)
    {
        Dictionary<string, int> lines = new(StringComparer.Ordinal);
        foreach (var line in read.File!.Lines) // Asked of a file that was read.
        {
            if (of(line).Length > 0)
                lines[of(line)] = lines.GetValueOrDefault(of(line)) + 1;
        }

        var unknown = lines.Where(one => !isKnown(one.Key)).OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal).ToList();
        var byHand = lines.Keys.Count(mapped.ContainsKey);
        return new ConnectionCodes(
            lines.Count,
            lines.Count - unknown.Count - byHand,
            byHand,
            [.. unknown.Take(most).Select(one => new UnknownCode(one.Key, one.Value, FeedCheck.IsSpoiledBySpreadsheet(one.Key) || FeedDates.IsSpoiled(one.Key) ? [] : matching.Of(one.Key, beside(one.Key), withLikeness)))],
            unknown.Count);
    }

    private async Task<DryRun> DryRunAsync(Db db, ReadConnection read, NetworkSnapshot network)
    {
        var (file, known, feed) = (read.File!, read.Known!, read.Feed); // Asked of a file that was read.
        var (planned, rejected) = known.Sort(feed.Tenant, file.Lines, new FeedScope(), read.AsOf, []);
        List<StockKey> keys = [.. planned.Select(line => line.Key)];
        var cells = await FeedCellStore.ReadAsync(db, feed.Tenant, keys);
        var moved = await FeedCellStore.MovedSinceAsync(db, feed.Tenant, read.AsOf);
        var safetyOf = await safety.OfAsync(db, feed.Tenant, [.. keys.Where(key => !cells.ContainsKey(key))]);
        var plan = FeedPlan.Make(feed, read.AsOf, isNumbered: false, planned, [], cells, moved, safetyOf);
        var isTripped = plan.Trips(BreakerPercent, out var why);
        var zeroed = plan.Writes.Where(write => write.Before.OnHand > 0 && write.After.OnHand == 0).ToList();
        var bySku = known.Items.Values.DistinctBy(item => item.Id).ToDictionary(item => item.Id, item => item.Sku);
        var lines = file.Lines.GroupBy(line => known.Locations.GetValueOrDefault(line.Location)?.Id).Where(group => group.Key is not null).ToDictionary(group => group.Key!.Value, group => group.Count()); // Filtered just before.
        var check = FeedCheck.Make(file with { Lines = [.. file.Lines.Where(line => line.Fault is null)] }, null, null);
        return new DryRun(
            file.Lines.Count,
            file.Lines.Count - rejected.Count,
            plan.Writes.Count(write => !cells.ContainsKey(write.Key)),
            plan.Changed - plan.Writes.Count(write => !cells.ContainsKey(write.Key)),
            plan.Unchanged,
            zeroed.Count,
            [.. zeroed.Take(10).Select(write => $"{bySku.GetValueOrDefault(write.Key.Item)} at {network.Find(write.Key.Location)?.Name}: {write.Before.OnHand} now")],
            plan.Outdated,
            [.. rejected.GroupBy(line => line.Reason).OrderByDescending(group => group.Count()).Select(group => new DryReason(group.Key, group.First().Detail, group.Count(), [.. group.Select(line => line.Line).Order().Take(10)], [.. group.Take(3).Select(line => $"line {line.Line}: {line.Location} | {line.Item} | {line.Quantity}")]))],
            [.. check.Suspicious.Select(one => new DryReason(one.Reason, "", one.Count, one.Lines, one.Examples))],
            [.. plan.Writes.GroupBy(write => write.Key.Location).Select(group => new DryLocation(
                network.Find(group.Key)?.Code ?? "",
                network.Find(group.Key)?.Name ?? "",
                lines.GetValueOrDefault(group.Key),
                group.Sum(write => (long)write.Before.OnHand),
                group.Sum(write => (long)write.After.OnHand),
                group.Count(write => write.Before.OnHand > 0 && write.After.OnHand == 0))).OrderBy(one => one.Code, StringComparer.Ordinal)],
            isTripped,
            isTripped ? why : $"The breaker ({BreakerPercent} %) would let it through. {why.Split(';')[0]}.");
    }

    private async Task<KnownWords> WordsAsync(Db db, PartnerId owner, FeedGuess guess, List<Location> places)
    {
        List<string> values = [.. guess.Values().Where(value => value.Length <= FeedEndpoints.LongestCode && !value.Any(char.IsControl))];
        var skus = (await catalog.BySkuAsync(db, owner, values)).Select(item => item.Sku).ToHashSet(StringComparer.Ordinal);
        List<string> digits = [.. values.Select(value => Gtin.TryParse(value, out var gtin) ? gtin.Digits : "").Where(gtin => gtin.Length > 0).Distinct()];
        var gtins = (await catalog.ByGtinAsync(db, [owner], digits)).Select(item => item.Gtin).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return new KnownWords(skus, gtins, places.Select(place => place.Code).ToHashSet(StringComparer.OrdinalIgnoreCase), places.Select(place => place.Name).ToHashSet(StringComparer.OrdinalIgnoreCase));
    }

    private async Task<IReadOnlyList<Item>> CatalogueAsync(Db db, PartnerId owner)
    {
        List<Item> all = [];
        for (var after = ""; all.Count < CatalogueMax;)
        {
            var page = await catalog.ListAsync(db, owner, after, null, 1_000);
            all.AddRange(page);
            if (page.Count < 1_000)
                break;
            after = page[^1].Sku;
        }

        return all;
    }

    private async Task<IReadOnlyDictionary<string, Guid>> ItemTargetsAsync(Db db, PartnerId owner, ConnectionChoices choices)
    {
        var bySku = (await catalog.BySkuAsync(db, owner, [.. (choices.Items ?? new Dictionary<string, string>()).Values.Distinct()])).ToDictionary(item => item.Sku, item => item.Id.Value);
        return (choices.Items ?? new Dictionary<string, string>()).Where(one => bySku.ContainsKey(one.Value)).ToDictionary(one => one.Key, one => bySku[one.Value], StringComparer.Ordinal);
    }

    private static Dictionary<string, Guid> LocationTargets(List<Location> places, ConnectionChoices choices)
    {
        Dictionary<string, Guid> targets = new(StringComparer.Ordinal);
        foreach (var (code, target) in choices.Locations ?? new Dictionary<string, string>())
        {
            if (places.Find(place => place.Code == target) is { } place)
                targets[code] = place.Id.Value;
        }

        // A location that all lines are of may be another company's, whose code is not looked for by itself.
        if (choices.FixedLocation is { Length: > 0 } one && places.Find(place => place.Code == one) is { } only)
            targets.TryAdd(one, only.Id.Value);
        return targets;
    }

    private static Dictionary<string, string> NamesOf(FeedGuess guess, string itemColumn)
    {
        var name = guess.Header.ToList().FindIndex(header => header != itemColumn && FeedWords.IsNoItem(header));
        var item = guess.IndexOf(itemColumn);
        Dictionary<string, string> names = new(StringComparer.Ordinal);
        foreach (var row in name < 0 || item < 0 ? [] : guess.Rows)
            names.TryAdd(FeedGuess.Cell(row, item), FeedGuess.Cell(row, name));
        return names;
    }
}
