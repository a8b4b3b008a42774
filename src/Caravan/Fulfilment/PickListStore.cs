using Caravan.Network;
using Caravan.Platform;
using Caravan.Platform.Storage;

namespace Caravan.Fulfilment;

internal static class PickListStore
{
    private const string ListColumns = "tenant, id, order_tenant, order_id, order_number, location, service, station, station_operator, is_collected_here, status, ready_at, due_at, released_at, packed_at, handed_over_at, wrong_codes, override_reason";
    private const string LineColumns = "tenant, pick_list, line, owner, item, sku, gtin, name, category, temperature_class, quantity, picked, short, cancelled, put_back, short_reason, substitute_for";
    private const string BagColumns = "tenant, pick_list, temperature_class, job, status, sscc";

    public static readonly IReadOnlyList<PickListStatus> Open = [PickListStatus.Waiting, PickListStatus.Picking, PickListStatus.Picked];

    private const string IsOpen = "status IN ('Waiting', 'Picking', 'Picked', 'Packed')";

    private static readonly Table<PickList> Lists = new(
        "pick_lists",
        "tenant, id, order_tenant, order_id, order_number, location, service, station, station_operator, is_collected_here, status, ready_at, due_at, released_at",
        (row, list) => row.Id(list.Operator).Id(list.Id).Id(list.Seller).Id(list.Order).Text(list.OrderNumber).Id(list.Location).Text(list.Service.ToString()).Id(list.Station).Id(list.StationOperator)
            .Number(list.IsCollectedHere ? 1 : 0).Text(list.Status.ToString()).Instant(list.ReadyAt).Instant(list.DueAt).Instant(list.ReleasedAt));

    private static readonly Table<(PickList List, PickLine Line)> Lines = new(
        "pick_lines",
        "tenant, pick_list, line, owner, item, sku, gtin, name, category, temperature_class, quantity, picked, short, cancelled, substitute_for",
        (row, one) => row.Id(one.List.Operator).Id(one.List.Id).Number(one.Line.Line).Id(one.Line.Owner).Id(one.Line.Item).Text(one.Line.Sku).Text(one.Line.Gtin).Text(one.Line.Name).Text(one.Line.Category)
            .Text(one.Line.TemperatureClass.ToString()).Number(one.Line.Quantity).Number(one.Line.Picked).Number(one.Line.Short).Number(one.Line.Cancelled).Number(one.Line.SubstituteFor));

    private static readonly Table<(PickList List, Bag Bag)> Bags = new(
        "pick_parcels",
        "tenant, pick_list, temperature_class, job, status",
        (row, one) => row.Id(one.List.Operator).Id(one.List.Id).Text(one.Bag.TemperatureClass.ToString()).Id(one.Bag.Job).Text(one.Bag.Status.ToString()));

    private static readonly Table<PickList> AtStations = new(
        "station_lists",
        "tenant, station, pick_list, operator",
        (row, list) => row.Id(list.StationOperator).Id(list.Station).Id(list.Id).Id(list.Operator));

    public static async Task<PickList?> FindAsync(Db db, PartnerId @operator, FulfilmentId id) =>
        await LoadAsync(db, "tenant = @operator AND id = @id", new { @operator, id }) is [var list] ? list : null;

    public static Task<IReadOnlyList<PickList>> FindManyAsync(Db db, PartnerId @operator, IReadOnlyCollection<FulfilmentId> ids) =>
        LoadAsync(db, "tenant = @operator AND id IN @ids", new { @operator, ids = ids.ToKeys(db) });

    /// <summary>The list behind a station's pointer, when the company works at that station.</summary>
    public static async Task<PickList?> FindAtStationAsync(Db db, PartnerId stationOperator, FulfilmentId id) =>
        await db.FirstAsync<PartnerId?>("SELECT operator FROM station_lists WHERE tenant = @stationOperator AND pick_list = @id", new { stationOperator, id }) is { } @operator
            ? await FindAsync(db, @operator, id)
            : null;

    /// <summary>Lists that are open, in one of these states, of one location or all: those due first first.</summary>
    public static Task<IReadOnlyList<PickList>> QueueAsync(Db db, PartnerId @operator, LocationId? location, IReadOnlyList<PickListStatus> statuses, int count) =>
        LoadAsync(
            db,
            $"tenant = @operator AND {(location is null ? "" : "location = @location AND ")}{IsOpen} AND status IN @words ORDER BY due_at, id LIMIT @count",
            new { @operator, location, words = statuses.Select(status => status.ToString()).ToArray(), count });

    /// <summary>By age, for callers that go through all of them.</summary>
    public static Task<IReadOnlyList<PickList>> PageAsync(Db db, PartnerId @operator, LocationId? location, PickListStatus? status, FulfilmentId? after, int count) =>
        LoadAsync(
            db,
            "tenant = @operator AND (@location IS NULL OR location = @location) AND (@word IS NULL OR status = @word) AND (@after IS NULL OR id > @after) ORDER BY id LIMIT @count",
            new { @operator, location, word = status?.ToString(), after, count });

    public static async Task<IReadOnlyList<PickList>> AtStationAsync(Db db, PartnerId stationOperator, LocationId station, int count)
    {
        // Packer by packer: every statement names one tenant.
        List<PickList> lists = [];
        foreach (var @operator in await db.QueryAsync<PartnerId>("SELECT DISTINCT operator FROM station_lists WHERE tenant = @stationOperator AND station = @station", new { stationOperator, station }))
        {
            lists.AddRange(await LoadAsync(
                db,
                """
                tenant = @operator AND station = @station AND status IN ('Waiting', 'Picking', 'Picked', 'Packed', 'Collected', 'AtStation')
                ORDER BY CASE WHEN status = 'AtStation' OR (status = 'Packed' AND is_collected_here = 1) THEN 0 ELSE 1 END, due_at, id LIMIT @count
                """,
                new { @operator, station, count }));
        }

        return [.. lists.OrderByDescending(list => list.IsReadyToHandOver).ThenBy(list => list.DueAt).Take(count)];
    }

    public static async Task<IReadOnlyList<PickLoad>> LoadsAsync(Db db, PartnerId @operator) =>
        [.. (await db.QueryAsync<LoadRow>(
            $"""
            SELECT location,
                SUM(CASE WHEN status = 'Packed' THEN 0 ELSE 1 END) AS to_pick,
                SUM(CASE WHEN status = 'Packed' THEN 1 ELSE 0 END) AS packed,
                MIN(CASE WHEN status = 'Packed' THEN NULL ELSE due_at END) AS due_next
            FROM pick_lists WHERE tenant = @operator AND {IsOpen} GROUP BY location
            """,
            new { @operator })).Select(row => new PickLoad(row.Location, row.ToPick, row.Packed, row.DueNext))];

    public static async Task InsertAsync(Tx tx, IReadOnlyCollection<PickList> lists)
    {
        await Lists.InsertAsync(tx, lists);
        await Lines.InsertAsync(tx, lists.SelectMany(list => list.Lines, (list, line) => (list, line)));
        await Bags.InsertAsync(tx, lists.SelectMany(list => list.Bags, (list, bag) => (list, bag)));
        await AtStations.InsertAsync(tx, lists.Where(list => list is { Station: not null, StationOperator: not null }));
    }

    /// <summary>A line that was put in for another.</summary>
    public static Task InsertAsync(Tx tx, PickList list, PickLine line) => Lines.InsertAsync(tx, [(list, line)]);

    /// <summary>Writes what an act or a lower room's news has changed.</summary>
    public static async Task UpdateAsync(Tx tx, PickList list)
    {
        await tx.ExecuteAsync(
            """
            UPDATE pick_lists SET status = @status, packed_at = @PackedAt, handed_over_at = @HandedOverAt, wrong_codes = @WrongCodes, override_reason = @OverrideReason
            WHERE tenant = @Operator AND id = @Id
            """,
            new { list.Operator, list.Id, status = list.Status.ToString(), list.PackedAt, list.HandedOverAt, list.WrongCodes, list.OverrideReason });
        await tx.ExecuteAsync(
            """
            UPDATE pick_lines SET picked = @Picked, short = @Short, cancelled = @Cancelled, put_back = @PutBack, short_reason = @reason
            WHERE tenant = @tenant AND pick_list = @list AND line = @Line AND owner = @Owner
            """,
            list.Lines.Select(line => new { tenant = list.Operator, list = list.Id, line.Line, line.Owner, line.Picked, line.Short, line.Cancelled, line.PutBack, reason = line.ShortReason?.ToString() }));
        await tx.ExecuteAsync(
            "UPDATE pick_parcels SET status = @status, sscc = @sscc WHERE tenant = @tenant AND pick_list = @list AND temperature_class = @temperature",
            list.Bags.Select(bag => new { tenant = list.Operator, list = list.Id, temperature = bag.TemperatureClass.ToString(), status = bag.Status.ToString(), sscc = bag.Sscc?.ToString() }));
    }

    /// <summary>Writes the numbers on the bags, and nothing else.</summary>
    public static Task NumberAsync(Tx tx, PickList list) => tx.ExecuteAsync(
        "UPDATE pick_parcels SET sscc = @sscc WHERE tenant = @tenant AND pick_list = @list AND temperature_class = @temperature",
        list.Bags.Select(bag => new { tenant = list.Operator, list = list.Id, temperature = bag.TemperatureClass.ToString(), sscc = bag.Sscc?.ToString() }));

    // The lines come by the same condition as their lists, so that no list of ids travels.
    private static async Task<IReadOnlyList<PickList>> LoadAsync(Db db, string condition, object args)
    {
        var rows = await db.QueryAsync<ListRow>($"SELECT {ListColumns} FROM pick_lists WHERE {condition}", args);
        if (rows.Count == 0)
            return [];

        var lines = (await db.QueryAsync<LineRow>($"SELECT {LineColumns} FROM pick_lines WHERE tenant = @operator AND pick_list IN (SELECT id FROM pick_lists WHERE {condition}) ORDER BY line, owner", args)).ToLookup(row => row.PickList);
        var bags = (await db.QueryAsync<BagRow>($"SELECT {BagColumns} FROM pick_parcels WHERE tenant = @operator AND pick_list IN (SELECT id FROM pick_lists WHERE {condition})", args)).ToLookup(row => row.PickList);
        return [.. rows.Select(row => row.ToList([.. lines[row.Id].Select(line => line.ToLine())], [.. bags[row.Id].Select(bag => bag.ToBag()).OrderBy(bag => bag.TemperatureClass)]))];
    }

    private sealed record LoadRow
    {
        public LocationId Location { get; init; }
        public int ToPick { get; init; }
        public int Packed { get; init; }
        public DateTimeOffset? DueNext { get; init; }
    }

    private sealed record ListRow
    {
        public PartnerId Tenant { get; init; }
        public FulfilmentId Id { get; init; }
        public PartnerId OrderTenant { get; init; }
        public OrderId OrderId { get; init; }
        public string OrderNumber { get; init; } = "";
        public LocationId Location { get; init; }
        public DeliveryService Service { get; init; }
        public LocationId? Station { get; init; }
        public PartnerId? StationOperator { get; init; }
        public bool IsCollectedHere { get; init; }
        public PickListStatus Status { get; init; }
        public DateTimeOffset ReadyAt { get; init; }
        public DateTimeOffset DueAt { get; init; }
        public DateTimeOffset ReleasedAt { get; init; }
        public DateTimeOffset? PackedAt { get; init; }
        public DateTimeOffset? HandedOverAt { get; init; }
        public int WrongCodes { get; init; }
        public string? OverrideReason { get; init; }

        public PickList ToList(IReadOnlyList<PickLine> lines, IReadOnlyList<Bag> bags) => new()
        {
            Operator = Tenant,
            Id = Id,
            Seller = OrderTenant,
            Order = OrderId,
            OrderNumber = OrderNumber,
            Location = Location,
            Service = Service,
            Station = Station,
            StationOperator = StationOperator,
            IsCollectedHere = IsCollectedHere,
            Status = Status,
            ReadyAt = ReadyAt,
            DueAt = DueAt,
            ReleasedAt = ReleasedAt,
            PackedAt = PackedAt,
            HandedOverAt = HandedOverAt,
            WrongCodes = WrongCodes,
            OverrideReason = OverrideReason,
            Lines = lines,
            Bags = bags,
        };
    }

    private sealed record LineRow
    {
        public FulfilmentId PickList { get; init; }
        public int Line { get; init; }
        public PartnerId Owner { get; init; }
        public ItemId Item { get; init; }
        public string Sku { get; init; } = "";
        public string? Gtin { get; init; }
        public string Name { get; init; } = "";
        public string Category { get; init; } = "";
        public TemperatureClass TemperatureClass { get; init; }
        public int Quantity { get; init; }
        public int Picked { get; init; }
        public int Short { get; init; }
        public int Cancelled { get; init; }
        public int PutBack { get; init; }
        public ShortReason? ShortReason { get; init; }
        public int? SubstituteFor { get; init; }

        public PickLine ToLine() => new(Line, Owner, Item, Sku, Gtin, Name, Category, TemperatureClass, Quantity, Picked, Short, Cancelled, PutBack, ShortReason) { SubstituteFor = SubstituteFor };
    }

    private sealed record BagRow
    {
        public FulfilmentId PickList { get; init; }
        public TemperatureClass TemperatureClass { get; init; }
        public JobId? Job { get; init; }
        public BagStatus Status { get; init; }
        public string? Sscc { get; init; }

        public Bag ToBag() => new(TemperatureClass, Job, Status) { Sscc = Engines.Labels.Sscc.TryParse(Sscc, out var sscc) ? sscc : null };
    }
}
