using System.Globalization;
using System.Text.Json;
using Caravan.Engines.Edi;
using Caravan.Platform.Storage;

namespace Caravan.Edi;

/// <summary>Trading partners, and what came of their documents, in SQL.</summary>
internal static class EdiStore
{
    /// <summary>A company's trading partners have changed.</summary>
    public const string Topic = "edi";

    private const string PartnerColumns = "tenant, id, name, own_qualifier, own_id, their_qualifier, their_id, settings";
    private const string Columns = "id, partner, is_out, syntax, control_number, content_hash, types, state, answers_to, faults, at, finished_at";

    public static async Task<List<TradingPartner>> PartnersAsync(Db db, PartnerId tenant) =>
        [.. (await db.QueryAsync<PartnerRow>($"SELECT {PartnerColumns} FROM edi_partners WHERE tenant = @tenant ORDER BY name, id", new { tenant })).Select(row => row.ToPartner())];

    public static async Task<TradingPartner?> PartnerAsync(Db db, PartnerId tenant, EdiPartnerId id) =>
        (await db.FirstAsync<PartnerRow>($"SELECT {PartnerColumns} FROM edi_partners WHERE tenant = @tenant AND id = @id", new { tenant, id }))?.ToPartner();

    public static async Task<TradingPartner?> PartnerAsync(Db db, PartnerId tenant, EdiAddress theirs) =>
        (await db.FirstAsync<PartnerRow>($"SELECT {PartnerColumns} FROM edi_partners WHERE tenant = @tenant AND their_qualifier = @Qualifier AND their_id = @Id", new { tenant, theirs.Qualifier, theirs.Id }))?.ToPartner();

    public static Task PutAsync(Tx tx, TradingPartner partner)
    {
        tx.Announce(Topic, partner.Tenant);
        return InsertAsync(tx, partner);
    }

    private static Task InsertAsync(Tx tx, TradingPartner partner) => tx.ExecuteAsync(
        """
        INSERT INTO edi_partners (tenant, id, name, own_qualifier, own_id, their_qualifier, their_id, settings, last_control, created_at)
        VALUES (@Tenant, @Id, @Name, @ownQualifier, @ownId, @theirQualifier, @theirId, @settings, 0, @now)
        ON CONFLICT (tenant, id) DO UPDATE SET name = excluded.name, own_qualifier = excluded.own_qualifier, own_id = excluded.own_id,
            their_qualifier = excluded.their_qualifier, their_id = excluded.their_id, settings = excluded.settings
        """,
        new
        {
            partner.Tenant,
            partner.Id,
            partner.Name,
            ownQualifier = partner.Own.Qualifier,
            ownId = partner.Own.Id,
            theirQualifier = partner.Theirs.Qualifier,
            theirId = partner.Theirs.Id,
            settings = JsonSerializer.Serialize(partner.Settings, EdiJson.House.TradingSettings),
            now = tx.Now,
        });

    public static Task<int> RemoveAsync(Tx tx, PartnerId tenant, EdiPartnerId id) => tx.ExecuteAsync("DELETE FROM edi_partners WHERE tenant = @tenant AND id = @id", new { tenant, id });

    /// <summary>The next number of our interchanges to a partner.</summary>
    public static async Task<long> NextControlAsync(Tx tx, TradingPartner partner)
    {
        await tx.ExecuteAsync("UPDATE edi_partners SET last_control = (last_control % 999999999) + 1 WHERE tenant = @Tenant AND id = @Id", new { partner.Tenant, partner.Id });
        return await tx.ValueAsync<long>("SELECT last_control FROM edi_partners WHERE tenant = @Tenant AND id = @Id", new { partner.Tenant, partner.Id });
    }

    public static async Task<KeptInterchange?> FindAsync(Db db, PartnerId tenant, EdiInterchangeId id) =>
        (await db.FirstAsync<Row>($"SELECT {Columns} FROM edi_interchanges WHERE tenant = @tenant AND id = @id", new { tenant, id }))?.ToKept();

    public static async Task<List<KeptInterchange>> SameAsync(Db db, TradingPartner partner, string controlNumber) =>
        [.. (await db.QueryAsync<Row>($"SELECT {Columns} FROM edi_interchanges WHERE tenant = @Tenant AND partner = @Id AND is_out = 0 AND control_number = @controlNumber", new { partner.Tenant, partner.Id, controlNumber })).Select(row => row.ToKept())];

    public static async Task<List<KeptInterchange>> ListAsync(Db db, PartnerId tenant, EdiInterchangeId? before, bool? isOut, int count) =>
        [.. (await db.QueryAsync<Row>(
            $"SELECT {Columns} FROM edi_interchanges WHERE tenant = @tenant {(before is null ? "" : "AND id < @before")} {(isOut is null ? "" : "AND is_out = @isOut")} ORDER BY id DESC LIMIT @count",
            new { tenant, before, isOut = isOut is { } only ? only ? 1 : 0 : (int?)null, count })).Select(row => row.ToKept())];

    public static async Task<List<KeptInterchange>> AnswersAsync(Db db, PartnerId tenant, EdiInterchangeId id) =>
        [.. (await db.QueryAsync<Row>($"SELECT {Columns} FROM edi_interchanges WHERE tenant = @tenant AND answers_to = @id", new { tenant, id })).Select(row => row.ToKept()).OrderBy(kept => kept.Id)];

    public static Task<byte[]?> RawAsync(Db db, PartnerId tenant, EdiInterchangeId id) =>
        db.FirstAsync<byte[]>("SELECT raw FROM edi_interchanges WHERE tenant = @tenant AND id = @id", new { tenant, id });

    public static Task InsertAsync(Tx tx, PartnerId tenant, KeptInterchange kept, byte[] raw) => tx.ExecuteAsync(
        """
        INSERT INTO edi_interchanges (tenant, id, partner, is_out, syntax, control_number, content_hash, types, state, answers_to, faults, raw, at, finished_at)
        VALUES (@tenant, @Id, @Partner, @isOut, @syntax, @ControlNumber, @ContentHash, @Types, @state, @AnswersTo, NULL, @raw, @At, @FinishedAt)
        """,
        new { tenant, kept.Id, kept.Partner, isOut = kept.IsOut ? 1 : 0, syntax = kept.Syntax.ToString(), kept.ControlNumber, kept.ContentHash, kept.Types, state = kept.State.ToString(), kept.AnswersTo, raw, kept.At, kept.FinishedAt });

    public static Task FinishAsync(Tx tx, PartnerId tenant, EdiInterchangeId id, InterchangeState state, IReadOnlyList<FaultBody> faults) => tx.ExecuteAsync(
        "UPDATE edi_interchanges SET state = @state, faults = @faults, finished_at = @now WHERE tenant = @tenant AND id = @id",
        new { tenant, id, state = state.ToString(), faults = JsonSerializer.Serialize(faults, EdiJson.House.IReadOnlyListFaultBody), now = tx.Now });

    /// <summary>A partner has said what became of an interchange of ours.</summary>
    public static Task AnsweredAsync(Tx tx, TradingPartner partner, string controlNumber, bool isAccepted) => tx.ExecuteAsync(
        "UPDATE edi_interchanges SET state = @state, finished_at = @now WHERE tenant = @Tenant AND partner = @Id AND is_out = 1 AND control_number = @controlNumber AND state <> 'Refused'",
        new { partner.Tenant, partner.Id, controlNumber, state = (isAccepted ? InterchangeState.Acknowledged : InterchangeState.Refused).ToString(), now = tx.Now });

    public static async Task<List<KeptMessage>> MessagesAsync(Db db, PartnerId tenant, EdiInterchangeId interchange) =>
        [.. (await db.QueryAsync<MessageRow>("SELECT number, type, control_number, reference, state, result FROM edi_messages WHERE tenant = @tenant AND interchange = @interchange", new { tenant, interchange })).Select(row => row.ToMessage()).OrderBy(message => message.Number)];

    public static Task<int> InsertMessageAsync(Tx tx, PartnerId tenant, EdiInterchangeId interchange, KeptMessage message) => tx.ExecuteAsync(
        """
        INSERT INTO edi_messages (tenant, interchange, number, type, control_number, reference, state, result)
        VALUES (@tenant, @interchange, @Number, @Type, @ControlNumber, @Reference, @state, @result) ON CONFLICT (tenant, interchange, number) DO NOTHING
        """,
        new { tenant, interchange, message.Number, message.Type, message.ControlNumber, message.Reference, state = message.State.ToString(), result = JsonSerializer.Serialize(message.Result, EdiJson.House.MessageResult) });

    public static Task<int> IsAppliedAsync(Db db, PartnerId tenant, EdiInterchangeId interchange, int number) =>
        db.ValueAsync<int>("SELECT COUNT(*) FROM edi_messages WHERE tenant = @tenant AND interchange = @interchange AND number = @number", new { tenant, interchange, number });

    public static Task InsertOrderAsync(Tx tx, PartnerId tenant, OrderId order, EdiPartnerId partner, EdiInterchangeId interchange, string number, IReadOnlyList<BuyerLine> lines) => tx.ExecuteAsync(
        "INSERT INTO edi_orders (tenant, order_id, partner, interchange, number, lines) VALUES (@tenant, @order, @partner, @interchange, @number, @lines) ON CONFLICT (tenant, order_id) DO NOTHING",
        new { tenant, order, partner, interchange, number, lines = JsonSerializer.Serialize(lines, EdiJson.House.IReadOnlyListBuyerLine) });

    public static async Task<EdiOrder?> OrderAsync(Db db, PartnerId tenant, OrderId order) =>
        (await db.FirstAsync<OrderRow>("SELECT partner, interchange, number, lines FROM edi_orders WHERE tenant = @tenant AND order_id = @order", new { tenant, order }))?.ToOrder();

    /// <summary>Notes that a fulfilment order was told of; false when it was before.</summary>
    public static async Task<bool> TellAsync(Tx tx, PartnerId tenant, FulfilmentId fulfilment, string kind, EdiPartnerId partner, string number) => await tx.ExecuteAsync(
        "INSERT INTO edi_told (tenant, fulfilment, kind, partner, number) VALUES (@tenant, @fulfilment, @kind, @partner, @number) ON CONFLICT (tenant, fulfilment, kind) DO NOTHING",
        new { tenant, fulfilment, kind, partner, number }) > 0;

    /// <summary>What a node was last told of a fulfilment order; null: nothing.</summary>
    public static async Task<ToldRelease?> ReleaseAsync(Db db, PartnerId tenant, FulfilmentId fulfilment) =>
        await db.FirstAsync<ToldRow>("SELECT number, units FROM edi_releases WHERE tenant = @tenant AND pick_list = @fulfilment", new { tenant, fulfilment }) is { } row
            ? new ToldRelease(row.Number, [.. row.Units.Split(',').Select(units => int.Parse(units, CultureInfo.InvariantCulture))])
            : null;

    /// <summary>Notes what a node is told of a fulfilment order: how many units of each line.</summary>
    public static Task TellReleaseAsync(Tx tx, TradingPartner node, FulfilmentId fulfilment, string number, IReadOnlyList<int> units) => tx.ExecuteAsync(
        "INSERT INTO edi_releases (tenant, pick_list, partner, number, units) VALUES (@Tenant, @fulfilment, @Id, @number, @units) ON CONFLICT (tenant, pick_list) DO UPDATE SET units = excluded.units",
        new { node.Tenant, fulfilment, node.Id, number, units = string.Join(',', units) });

    /// <summary>The fulfilment order that a node was told of under a number.</summary>
    public static Task<FulfilmentId?> ReleasedAsync(Db db, TradingPartner partner, string number) =>
        db.FirstAsync<FulfilmentId?>("SELECT pick_list FROM edi_releases WHERE tenant = @Tenant AND partner = @Id AND number = @number", new { partner.Tenant, partner.Id, number });

    private sealed record ToldRow
    {
        public string Number { get; init; } = "";
        public string Units { get; init; } = "";
    }

    private sealed record PartnerRow
    {
        public PartnerId Tenant { get; init; }
        public EdiPartnerId Id { get; init; }
        public string Name { get; init; } = "";
        public string OwnQualifier { get; init; } = "";
        public string OwnId { get; init; } = "";
        public string TheirQualifier { get; init; } = "";
        public string TheirId { get; init; } = "";
        public string Settings { get; init; } = "";

        public TradingPartner ToPartner() => new(
            Tenant, Id, Name, new EdiAddress(OwnQualifier, OwnId), new EdiAddress(TheirQualifier, TheirId), JsonSerializer.Deserialize(Settings, EdiJson.House.TradingSettings)!); // Written by PutAsync.
    }

    private sealed record Row
    {
        public EdiInterchangeId Id { get; init; }
        public EdiPartnerId Partner { get; init; }
        public bool IsOut { get; init; }
        public string Syntax { get; init; } = "";
        public string ControlNumber { get; init; } = "";
        public string ContentHash { get; init; } = "";
        public string Types { get; init; } = "";
        public string State { get; init; } = "";
        public EdiInterchangeId? AnswersTo { get; init; }
        public string? Faults { get; init; }
        public DateTimeOffset At { get; init; }
        public DateTimeOffset? FinishedAt { get; init; }

        public KeptInterchange ToKept() => new(Id, Partner, IsOut, Enum.Parse<EdiSyntax>(Syntax), ControlNumber, ContentHash, Types, Enum.Parse<InterchangeState>(State), AnswersTo, At, FinishedAt)
        {
            Faults = Faults is null ? [] : JsonSerializer.Deserialize(Faults, EdiJson.House.IReadOnlyListFaultBody)!, // Written by FinishAsync.
        };
    }

    private sealed record MessageRow
    {
        public int Number { get; init; }
        public string Type { get; init; } = "";
        public string ControlNumber { get; init; } = "";
        public string Reference { get; init; } = "";
        public string State { get; init; } = "";
        public string Result { get; init; } = "";

        public KeptMessage ToMessage() => new(Number, Type, ControlNumber, Reference, Enum.Parse<MessageState>(State), JsonSerializer.Deserialize(Result, EdiJson.House.MessageResult)!); // Written by InsertMessageAsync.
    }

    private sealed record OrderRow
    {
        public EdiPartnerId Partner { get; init; }
        public EdiInterchangeId Interchange { get; init; }
        public string Number { get; init; } = "";
        public string Lines { get; init; } = "";

        public EdiOrder ToOrder() => new(Partner, Interchange, Number, JsonSerializer.Deserialize(Lines, EdiJson.House.IReadOnlyListBuyerLine)!); // Written by InsertOrderAsync.
    }
}

/// <summary>An order that came by EDI.</summary>
internal sealed record EdiOrder(EdiPartnerId Partner, EdiInterchangeId Interchange, string Number, IReadOnlyList<BuyerLine> Lines);

/// <summary>What a node was last told of a fulfilment order: under which number, and how many units of each of its lines.</summary>
internal sealed record ToldRelease(string Number, IReadOnlyList<int> Units);
