using Caravan.Catalog;
using Caravan.Network;
using Caravan.Partners;
using Caravan.Platform.Storage;
using Caravan.Stock.Connect;

namespace Caravan.Stock;

/// <summary>What a feed's codes mean today.</summary>
internal sealed record KnownCodes(IReadOnlyDictionary<string, Item> Items, IReadOnlyDictionary<string, Location> Locations, IReadOnlySet<LocationId> Places)
{
    /// <summary>
    /// Tells the lines that can be taken from those that cannot, each of these with its reason. <paramref name="touched"/>
    /// gets every cell that a line names, also one that is rejected: a snapshot does not leave such a cell out.
    /// </summary>
    public (List<PlannedLine> Taken, List<RejectedLine> Rejected) Sort(PartnerId owner, IReadOnlyList<FeedLine> lines, FeedScope scope, DateTimeOffset asOf, HashSet<StockKey> touched)
    {
        var inLocations = scope.Locations is null ? null : scope.Locations.Select(code => Locations.GetValueOrDefault(code)?.Id).ToHashSet();
        var inItems = scope.Items is null ? null : scope.Items.Select(code => Items.GetValueOrDefault(code)?.Id).ToHashSet();
        List<RejectedLine> rejected = [];
        Dictionary<StockKey, (FeedLine Line, PlannedLine Planned)> taken = new(lines.Count);
        HashSet<StockKey> twice = [];
        foreach (var line in lines)
        {
            var key = KeyOf(owner, line);
            if (key is { } named)
                touched.Add(named);
            if (Fault(line, key, inLocations, inItems, out var quantity) is var (reason, detail))
                Reject(line, reason, detail);
            else if (key is { } cell && !taken.TryAdd(cell, (line, new PlannedLine(line.Number, cell, quantity, line.IsChange))))
                Repeat(cell, line, quantity);
        }

        foreach (var cell in twice)
            taken.Remove(cell);
        return ([.. taken.Values.Select(one => one.Planned)], rejected);

        void Repeat(StockKey cell, FeedLine line, int quantity)
        {
            var (first, planned) = taken[cell];
            if (!line.IsChange && !first.IsChange && planned.Quantity == quantity && !twice.Contains(cell))
                return;

            if (twice.Add(cell))
                Reject(first, Reasons.DuplicateLine, $"Line {line.Number} tells of the same cell otherwise. Send one line a cell.");
            Reject(line, Reasons.DuplicateLine, $"Line {first.Number} tells of the same cell. Send one line a cell; add changes up.");
        }

        void Reject(FeedLine line, string reason, string detail) => rejected.Add(new RejectedLine
        {
            Line = line.Number,
            Location = line.Location,
            Item = line.Item,
            Quantity = line.Quantity,
            IsChange = line.IsChange,
            Reason = reason,
            Detail = detail,
            AsOf = asOf,
        });
    }

    /// <summary>Whether a line would be taken for itself, whatever other lines say.</summary>
    public bool Takes(FeedLine line, FeedScope scope, out int quantity) => Fault(
        line,
        null,
        scope.Locations is null ? null : scope.Locations.Select(code => Locations.GetValueOrDefault(code)?.Id).ToHashSet(),
        scope.Items is null ? null : scope.Items.Select(code => Items.GetValueOrDefault(code)?.Id).ToHashSet(),
        out quantity) is null;

    /// <summary>A line whose cell another line tells of otherwise.</summary>
    public static RejectedLine RejectRepeat(FeedLine line, RepeatedCell repeat, DateTimeOffset asOf)
    {
        var other = line.Number == repeat.FirstLine ? repeat.OtherLine : repeat.FirstLine;
        return new RejectedLine
        {
            Line = line.Number,
            Location = line.Location,
            Item = line.Item,
            Quantity = line.Quantity,
            IsChange = line.IsChange,
            Reason = Reasons.DuplicateLine,
            Detail = $"Line {other} tells of the same cell otherwise. Send one line a cell.",
            AsOf = asOf,
        };
    }

    /// <summary>The cell that a line names, where its codes are known.</summary>
    public StockKey? KeyOf(PartnerId owner, FeedLine line) =>
        Items.TryGetValue(line.Item, out var item) && Locations.TryGetValue(line.Location, out var location) ? new StockKey(owner, item.Id, location.Id) : null;

    private (string Reason, string Detail)? Fault(FeedLine line, StockKey? key, HashSet<LocationId?>? inLocations, HashSet<ItemId?>? inItems, out int quantity)
    {
        quantity = 0;
        if (line.Fault is not null)
            return (Reasons.BadRow, line.Fault);
        if (!Locations.TryGetValue(line.Location, out var location))
            return (Reasons.UnknownLocation, line.Location.Length == 0 ? "The location is blank." : $"'{line.Location}' is neither mapped nor the code of a location of yours.");
        if (!Places.Contains(location.Id))
            return (Reasons.NotYours, $"'{line.Location}' is a location where you hold no stock.");
        if (!Items.TryGetValue(line.Item, out var item))
            return (Reasons.UnknownItem, WhyUnknown(line.Item));
        if (inLocations is not null && !inLocations.Contains(location.Id))
            return (Reasons.OutsideScope, $"The document's scope leaves out the location '{line.Location}'.");
        if (inItems is not null && !inItems.Contains(item.Id))
            return (Reasons.OutsideScope, $"The document's scope leaves out the item '{line.Item}'.");
        if (!FeedQuantity.TryParse(line.Quantity, line.IsChange, out quantity, out var fault))
            return (Reasons.BadQuantity, fault);

        return quantity > 0 && (location.TemperatureMask & (1u << (int)item.TemperatureClass)) == 0
            ? (Reasons.NotKeptThere, $"'{line.Item}' is kept {item.TemperatureClass} and '{location.Name}' cannot.")
            : null;
    }

    private static string WhyUnknown(string code)
    {
        if (code.Length == 0)
            return "The item is blank.";
        if (FeedCheck.IsSpoiledBySpreadsheet(code))
            return $"'{code}' was spoiled by a spreadsheet, which writes long numbers in scientific notation. Format the column as text.";
        if (FeedDates.IsSpoiled(code))
            return $"'{code}' looks like a day that a spreadsheet has made of a code such as 1-2. Format the column as text.";
        return code.Length is 8 or 12 or 13 or 14 && code.All(char.IsAsciiDigit) && !Gtin.TryParse(code, out _)
            ? $"'{code}' has a wrong check digit and is not mapped."
            : $"'{code}' is neither mapped nor an item of yours.";
    }
}

/// <summary>Finds out what codes mean: mapping first, then the owner's own codes.</summary>
internal sealed class FeedCodes(ItemCatalog catalog, PartnerBook partners)
{
    /// <summary>Looks up all codes of some lines at once; <paramref name="instead"/> of the feed's mappings, where it has none yet.</summary>
    public async Task<KnownCodes> FindAsync(Db db, NetworkSnapshot network, Feed feed, IReadOnlyList<FeedLine> lines, FeedScope scope, DateTimeOffset now, (IReadOnlyDictionary<string, Guid> Items, IReadOnlyDictionary<string, Guid> Locations)? instead = null)
    {
        var itemCodes = lines.Select(line => line.Item).Concat(scope.Items ?? []).Where(code => code.Length > 0).ToHashSet();
        var locationCodes = lines.Select(line => line.Location).Concat(scope.Locations ?? []).Where(code => code.Length > 0).ToHashSet();
        return new KnownCodes(
            await ItemsAsync(db, feed, itemCodes, instead?.Items),
            await LocationsAsync(db, network, feed, locationCodes, instead?.Locations),
            await PlacesAsync(db, network, feed.Tenant, now));
    }

    /// <summary>
    /// Where a company may hold stock: at its own locations, in another's that hosts one of its own by agreement, and where another
    /// lets it hand over goods.
    /// </summary>
    public async Task<IReadOnlySet<LocationId>> PlacesAsync(Db db, NetworkSnapshot network, PartnerId owner, DateTimeOffset now)
    {
        var grants = await partners.GrantedToAsync(db, owner, AgreementKind.HandOver, now);
        var hosts = await partners.GrantedToAsync(db, owner, AgreementKind.Host, now);
        HashSet<LocationId> places = [];
        foreach (var location in network.Locations)
        {
            if (location.Operator == owner)
            {
                places.Add(location.Id);
                if (network.HostOf(location) is { } host && hosts.Any(grant => grant.Grantor == host.Operator && (grant.Covers(null, host.Id, host.Region) || grant.Covers(null, location.Id, location.Region))))
                    places.Add(host.Id);
            }
            else if (grants.Any(grant => grant.Grantor == location.Operator
                && (grant.Locations is null || grant.Locations.Contains(location.Id))
                && (grant.Region is null || grant.Region == location.Region)))
            {
                places.Add(location.Id);
            }
        }

        return places;
    }

    private async Task<Dictionary<string, Item>> ItemsAsync(Db db, Feed feed, HashSet<string> codes, IReadOnlyDictionary<string, Guid>? instead)
    {
        var mapped = instead is null ? await FeedStore.MappingsAsync(db, feed, "Item", codes) : instead.Where(one => codes.Contains(one.Key)).ToDictionary();
        var byId = (await catalog.ByIdAsync(db, feed.Tenant, [.. mapped.Values.Select(target => new ItemId(target)).Distinct()])).ToDictionary(item => item.Id);
        Dictionary<string, Item> known = new(codes.Count);
        foreach (var (code, target) in mapped)
        {
            if (byId.TryGetValue(new ItemId(target), out var item))
                known.Add(code, item);
        }

        var rest = codes.Where(code => !mapped.ContainsKey(code));
        if (feed.ItemCodes == ItemCodes.Sku)
        {
            foreach (var item in await catalog.BySkuAsync(db, feed.Tenant, [.. rest]))
                known.TryAdd(item.Sku, item);
        }
        else if (feed.ItemCodes == ItemCodes.Gtin)
        {
            var gtins = rest.Select(code => (Code: code, Gtin: Gtin.TryParse(code, out var gtin) ? gtin.Digits : null)).Where(one => one.Gtin is not null).ToLookup(one => one.Gtin!, one => one.Code); // Filtered just before.
            foreach (var item in await catalog.ByGtinAsync(db, [feed.Tenant], [.. gtins.Select(gtin => gtin.Key)]))
            {
                foreach (var code in gtins[item.Gtin!]) // Found by GTIN, so it has one.
                    known.TryAdd(code, item);
            }
        }

        return known;
    }

    private static async Task<Dictionary<string, Location>> LocationsAsync(Db db, NetworkSnapshot network, Feed feed, HashSet<string> codes, IReadOnlyDictionary<string, Guid>? instead)
    {
        Dictionary<string, Location> known = new(codes.Count);
        foreach (var (code, target) in instead ?? await FeedStore.MappingsAsync(db, feed, "Location", codes))
        {
            if (network.Find(new LocationId(target)) is { } location)
                known.Add(code, location);
        }

        foreach (var location in network.Locations)
        {
            if (location.Operator == feed.Tenant && codes.Contains(location.Code))
                known.TryAdd(location.Code, location);
        }

        return known;
    }
}
