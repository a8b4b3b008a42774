using Caravan.Platform.Storage;

namespace Caravan.Returns;

/// <summary>Returns in SQL.</summary>
internal static class ReturnStore
{
    private const string Columns = "tenant, id, order_id, order_number, kind, state, code, location, operator, currency, authorised_by, authorised_at, authorise_until, sent_reference, is_complete";
    private const string LineColumns = "return_id, line, order_line, fulfilment, from_location, owner, item, sku, name, reason, note, quantity, price_amount, refund_percent, refund_reason, refund_amount, needs_release";
    private const string GradeColumns = "return_id, number, line, cause, lot, quantity, grade, disposition, is_from_hold, released_by, release_note, note, refund_percent, refund_reason, refund_amount, graded_by, at";

    /// <summary>A return that a company has to do with: as its seller, or as who runs the location it goes to.</summary>
    public static async Task<Return?> FindAsync(Db db, PartnerId company, ReturnId id) =>
        await db.FirstAsync<PartnerId?>("SELECT seller FROM return_parties WHERE tenant = @company AND return_id = @id", new { company, id }) is { } seller
            && await LoadAsync(db, seller, await db.QueryAsync<Row>($"SELECT {Columns} FROM returns WHERE tenant = @seller AND id = @id", new { seller, id })) is [var found] ? found : null;

    public static async Task<List<Return>> OfOrderAsync(Db db, PartnerId seller, OrderId order) =>
        await LoadAsync(db, seller, await db.QueryAsync<Row>($"SELECT {Columns} FROM returns WHERE tenant = @seller AND order_id = @order", new { seller, order }));

    public static async Task<bool> IsTakenAsync(Db db, PartnerId seller, string code) => await db.FirstAsync<int>("SELECT 1 FROM returns WHERE tenant = @seller AND code = @code", new { seller, code }) == 1;

    /// <summary>Returns that a company has to do with, newest first, those before a cursor.</summary>
    public static async Task<List<Return>> ListAsync(Db db, PartnerId company, ReturnFilter filter, ReturnId? before, int count, DateTimeOffset now)
    {
        var state = filter.State switch
        {
            null => "",
            ReturnState.Expired => "AND state IN ('Authorised', 'InTransit') AND authorise_until <= @now",
            ReturnState.Authorised or ReturnState.InTransit => "AND state = @state AND authorise_until > @now",
            _ => "AND state = @state",
        };
        var page = await db.QueryAsync<PartyRow>(
            $"""
            SELECT return_id, seller FROM return_parties
            WHERE tenant = @company {(before is null ? "" : "AND return_id < @before")} {(filter.Order is null ? "" : "AND order_id = @order")} {(filter.Code is null ? "" : "AND code = @code")} {state}
            ORDER BY return_id DESC LIMIT @count
            """,
            new { company, before, order = filter.Order, code = filter.Code, state = filter.State?.ToString(), now, count });
        List<Return> found = [];
        foreach (var ofSeller in page.GroupBy(row => row.Seller, row => row.ReturnId))
            found.AddRange(await LoadAsync(db, ofSeller.Key, await db.QueryAsync<Row>($"SELECT {Columns} FROM returns WHERE tenant = @seller AND id IN @keys", new { seller = ofSeller.Key, keys = ofSeller.ToKeys(db) })));
        return [.. found.OrderByDescending(one => one.Id)];
    }

    public static async Task InsertAsync(Tx tx, Return one)
    {
        await tx.ExecuteAsync(
            """
            INSERT INTO returns (tenant, id, order_id, order_number, kind, state, code, location, operator, currency, authorised_by, authorised_at, authorise_until, sent_reference, is_complete)
            VALUES (@Seller, @Id, @Order, @OrderNumber, @kind, @state, @Code, @Location, @Operator, @Currency, @AuthorisedBy, @AuthorisedAt, @AuthoriseUntil, @SentReference, @IsComplete)
            """,
            new
            {
                one.Seller,
                one.Id,
                one.Order,
                one.OrderNumber,
                kind = one.Kind.ToString(),
                state = one.StateButForTime.ToString(),
                one.Code,
                one.Location,
                one.Operator,
                one.Currency,
                one.AuthorisedBy,
                one.AuthorisedAt,
                one.AuthoriseUntil,
                one.SentReference,
                one.IsComplete,
            });
        await tx.ExecuteAsync(
            """
            INSERT INTO return_parties (tenant, return_id, seller, order_id, code, state, authorise_until)
            VALUES (@party, @Id, @Seller, @Order, @Code, @state, @AuthoriseUntil)
            """,
            PartiesOf(one).Select(party => new { party, one.Id, one.Seller, one.Order, one.Code, state = one.StateButForTime.ToString(), one.AuthoriseUntil }));
        await tx.ExecuteAsync(
            """
            INSERT INTO return_lines (tenant, return_id, line, order_line, fulfilment, from_location, owner, item, sku, name, reason, note, quantity, price_amount, refund_percent, refund_reason, refund_amount, needs_release)
            VALUES (@Seller, @Id, @Line, @OrderLine, @Fulfilment, @From, @Owner, @Item, @Sku, @Name, @reason, @Note, @Quantity, @PriceAmount, @RefundPercent, @RefundReason, @RefundAmount, @NeedsRelease)
            """,
            one.Lines.Select(line => new
            {
                one.Seller,
                one.Id,
                line.Line,
                line.OrderLine,
                line.Fulfilment,
                line.From,
                line.Owner,
                line.Item,
                line.Sku,
                line.Name,
                reason = line.Reason.ToString(),
                line.Note,
                line.Quantity,
                line.PriceAmount,
                line.RefundPercent,
                line.RefundReason,
                line.RefundAmount,
                line.NeedsRelease,
            }));
        await SavePartsAsync(tx, one, one.Lines);
        await AddJudgementsAsync(tx, one, one.Judgements);
    }

    /// <summary>Writes what an act has changed: the state, these lines, and what was judged.</summary>
    public static async Task UpdateAsync(Tx tx, Return one, IReadOnlyCollection<ReturnLine> changed, IReadOnlyCollection<ReturnJudgement> judged)
    {
        var state = one.StateButForTime.ToString();
        await tx.ExecuteAsync(
            "UPDATE returns SET state = @state, sent_reference = @SentReference, is_complete = @IsComplete WHERE tenant = @Seller AND id = @Id",
            new { one.Seller, one.Id, state, one.SentReference, one.IsComplete });
        await tx.ExecuteAsync("UPDATE return_parties SET state = @state WHERE tenant = @party AND return_id = @Id", PartiesOf(one).Select(party => new { party, one.Id, state }));
        await tx.ExecuteAsync(
            "UPDATE return_lines SET refund_amount = @RefundAmount WHERE tenant = @Seller AND return_id = @Id AND line = @Line",
            changed.Select(line => new { one.Seller, one.Id, line.Line, line.RefundAmount }));
        await SavePartsAsync(tx, one, changed);
        await AddJudgementsAsync(tx, one, judged);
    }

    /// <summary>Whether units of a line came by this cause before.</summary>
    public static async Task<bool> IsReceivedAsync(Tx tx, Return one, int line, string cause) =>
        await tx.FirstAsync<int>("SELECT 1 FROM return_receipts WHERE tenant = @Seller AND return_id = @Id AND line = @line AND cause = @cause", new { one.Seller, one.Id, line, cause }) == 1;

    public static Task AddReceiptAsync(Tx tx, Return one, int line, string cause, int quantity, string by) => tx.ExecuteAsync(
        "INSERT INTO return_receipts (tenant, return_id, line, cause, quantity, received_by, at) VALUES (@Seller, @Id, @line, @cause, @quantity, @by, @now)",
        new { one.Seller, one.Id, line, cause, quantity, by, now = tx.Now });

    private static IEnumerable<PartnerId> PartiesOf(Return one) => new[] { one.Seller, one.Operator }.Distinct().Order();

    private static Task SavePartsAsync(Tx tx, Return one, IEnumerable<ReturnLine> lines) => tx.ExecuteAsync(
        """
        INSERT INTO return_parts (tenant, return_id, line, lot, received, on_hold, restocked, written_off, given_back)
        VALUES (@Seller, @Id, @Line, @Lot, @Received, @OnHold, @Restocked, @WrittenOff, @GivenBack)
        ON CONFLICT (tenant, return_id, line, lot) DO UPDATE SET received = excluded.received, on_hold = excluded.on_hold, restocked = excluded.restocked,
            written_off = excluded.written_off, given_back = excluded.given_back
        """,
        lines.SelectMany(line => line.Parts, (line, part) => new { one.Seller, one.Id, line.Line, part.Lot, part.Received, part.OnHold, part.Restocked, part.WrittenOff, part.GivenBack }));

    private static Task AddJudgementsAsync(Tx tx, Return one, IEnumerable<ReturnJudgement> judged) => tx.ExecuteAsync(
        """
        INSERT INTO return_grades (tenant, return_id, number, line, cause, lot, quantity, grade, disposition, is_from_hold, released_by, release_note, note, refund_percent, refund_reason, refund_amount, graded_by, at)
        VALUES (@Seller, @Id, @Number, @Line, @Cause, @Lot, @Quantity, @grade, @disposition, @IsFromHold, @ReleasedBy, @ReleaseNote, @Note, @RefundPercent, @RefundReason, @RefundAmount, @GradedBy, @At)
        """,
        judged.Select(row => new
        {
            one.Seller,
            one.Id,
            row.Number,
            row.Line,
            row.Cause,
            row.Lot,
            row.Quantity,
            grade = row.Grade.ToString(),
            disposition = row.Disposition.ToString(),
            row.IsFromHold,
            row.ReleasedBy,
            row.ReleaseNote,
            row.Note,
            row.RefundPercent,
            row.RefundReason,
            row.RefundAmount,
            row.GradedBy,
            row.At,
        }));

    private static async Task<List<Return>> LoadAsync(Db db, PartnerId seller, List<Row> rows)
    {
        if (rows.Count == 0)
            return [];

        var keys = rows.Select(row => row.Id).ToKeys(db);
        var lines = (await db.QueryAsync<LineRow>($"SELECT {LineColumns} FROM return_lines WHERE tenant = @seller AND return_id IN @keys", new { seller, keys })).ToLookup(row => row.ReturnId);
        var parts = (await db.QueryAsync<PartRow>("SELECT return_id, line, lot, received, on_hold, restocked, written_off, given_back FROM return_parts WHERE tenant = @seller AND return_id IN @keys", new { seller, keys })).ToLookup(row => (row.ReturnId, row.Line));
        var judged = (await db.QueryAsync<GradeRow>($"SELECT {GradeColumns} FROM return_grades WHERE tenant = @seller AND return_id IN @keys", new { seller, keys })).ToLookup(row => row.ReturnId);
        return rows.ConvertAll(row => new Return
        {
            Seller = row.Tenant,
            Id = row.Id,
            Order = row.OrderId,
            OrderNumber = row.OrderNumber,
            Kind = row.Kind,
            Code = row.Code,
            Location = row.Location,
            Operator = row.Operator,
            Currency = row.Currency,
            AuthorisedBy = row.AuthorisedBy,
            AuthorisedAt = row.AuthorisedAt,
            AuthoriseUntil = row.AuthoriseUntil,
            SentReference = row.SentReference,
            IsComplete = row.IsComplete,
            Said = row.State is ReturnState.InTransit or ReturnState.Cancelled ? row.State : ReturnState.Authorised,
            Lines = [.. lines[row.Id].OrderBy(line => line.Line).Select(line => line.ToLine([.. parts[(row.Id, line.Line)].OrderBy(part => part.Lot, StringComparer.Ordinal).Select(part => part.ToPart())]))],
            Judgements = [.. judged[row.Id].OrderBy(one => one.Number).Select(one => one.ToJudgement())],
        });
    }

    private sealed record PartyRow
    {
        public ReturnId ReturnId { get; init; }
        public PartnerId Seller { get; init; }
    }

    private sealed record Row
    {
        public PartnerId Tenant { get; init; }
        public ReturnId Id { get; init; }
        public OrderId OrderId { get; init; }
        public string OrderNumber { get; init; } = "";
        public ReturnKind Kind { get; init; }
        public ReturnState State { get; init; }
        public string Code { get; init; } = "";
        public LocationId Location { get; init; }
        public PartnerId Operator { get; init; }
        public string Currency { get; init; } = "";
        public string AuthorisedBy { get; init; } = "";
        public DateTimeOffset AuthorisedAt { get; init; }
        public DateTimeOffset AuthoriseUntil { get; init; }
        public string? SentReference { get; init; }
        public bool IsComplete { get; init; }
    }

    private sealed record LineRow
    {
        public ReturnId ReturnId { get; init; }
        public int Line { get; init; }
        public int OrderLine { get; init; }
        public FulfilmentId Fulfilment { get; init; }
        public LocationId FromLocation { get; init; }
        public PartnerId Owner { get; init; }
        public ItemId Item { get; init; }
        public string Sku { get; init; } = "";
        public string Name { get; init; } = "";
        public ReturnReason Reason { get; init; }
        public string? Note { get; init; }
        public int Quantity { get; init; }
        public long PriceAmount { get; init; }
        public int RefundPercent { get; init; }
        public string? RefundReason { get; init; }
        public long RefundAmount { get; init; }
        public bool NeedsRelease { get; init; }

        public ReturnLine ToLine(IReadOnlyList<ReturnPart> parts) => new()
        {
            Line = Line,
            OrderLine = OrderLine,
            Fulfilment = Fulfilment,
            From = FromLocation,
            Owner = Owner,
            Item = Item,
            Sku = Sku,
            Name = Name,
            Reason = Reason,
            Note = Note,
            Quantity = Quantity,
            PriceAmount = PriceAmount,
            RefundPercent = RefundPercent,
            RefundReason = RefundReason,
            RefundAmount = RefundAmount,
            NeedsRelease = NeedsRelease,
            Parts = parts,
        };
    }

    private sealed record PartRow
    {
        public ReturnId ReturnId { get; init; }
        public int Line { get; init; }
        public string Lot { get; init; } = "";
        public int Received { get; init; }
        public int OnHold { get; init; }
        public int Restocked { get; init; }
        public int WrittenOff { get; init; }
        public int GivenBack { get; init; }

        public ReturnPart ToPart() => new(Lot, Received, OnHold, Restocked, WrittenOff, GivenBack);
    }

    private sealed record GradeRow
    {
        public ReturnId ReturnId { get; init; }
        public int Number { get; init; }
        public int Line { get; init; }
        public string Cause { get; init; } = "";
        public string Lot { get; init; } = "";
        public int Quantity { get; init; }
        public ReturnGrade Grade { get; init; }
        public ReturnDisposition Disposition { get; init; }
        public bool IsFromHold { get; init; }
        public string? ReleasedBy { get; init; }
        public string? ReleaseNote { get; init; }
        public string? Note { get; init; }
        public int RefundPercent { get; init; }
        public string? RefundReason { get; init; }
        public long RefundAmount { get; init; }
        public string GradedBy { get; init; } = "";
        public DateTimeOffset At { get; init; }

        public ReturnJudgement ToJudgement() => new()
        {
            Number = Number,
            Line = Line,
            Cause = Cause,
            Lot = Lot,
            Quantity = Quantity,
            Grade = Grade,
            Disposition = Disposition,
            IsFromHold = IsFromHold,
            ReleasedBy = ReleasedBy,
            ReleaseNote = ReleaseNote,
            Note = Note,
            RefundPercent = RefundPercent,
            RefundReason = RefundReason,
            RefundAmount = RefundAmount,
            GradedBy = GradedBy,
            At = At,
        };
    }
}
