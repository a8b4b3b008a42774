using Caravan.Network;
using Caravan.Partners;
using Caravan.Platform.Problems;
using Caravan.Platform.Storage;
using Caravan.Platform.Tenancy;

namespace Caravan.Stock.Stops;

/// <summary>What must not be sold, and why.</summary>
/// <param name="Reason">Why; colleagues read it.</param>
public sealed record StopSellRequest(string Reason)
{
    /// <summary>An item of the company's, by its id.</summary>
    public ItemId? Item { get; init; }

    /// <summary>Or by its SKU.</summary>
    public string? Sku { get; init; }

    /// <summary>A location, or the only one where the item is stopped.</summary>
    public LocationId? Location { get; init; }

    /// <summary>All that a feed tells of.</summary>
    public FeedId? Feed { get; init; }

    /// <summary>All that an agreement lets be sold.</summary>
    public AgreementId? Agreement { get; init; }

    /// <summary>All of or by a partner.</summary>
    public PartnerId? Partner { get; init; }
}

/// <summary>Makes, lists and lifts stops, for the API and the page alike.</summary>
public sealed class StopSellDesk
{
    private const int StopsMax = 1_000;

    private readonly NamedItems names;
    private readonly FeedCodes codes;
    private readonly NetworkMap map;
    private readonly PartnerBook partners;

    internal StopSellDesk(NamedItems names, FeedCodes codes, NetworkMap map, PartnerBook partners) => (this.names, this.codes, this.map, this.partners) = (names, codes, map, partners);

    /// <summary>Whether it names one thing that can be stopped.</summary>
    public static bool IsOneThing(StopSellRequest asked)
    {
        var isOfGoods = asked.Item is not null || asked.Sku is not null || asked.Location is not null;
        return (isOfGoods ? 1 : 0) + (asked.Feed is null ? 0 : 1) + (asked.Agreement is null ? 0 : 1) + (asked.Partner is null ? 0 : 1) == 1;
    }

    /// <summary>Makes a stop, or says what it names that is not there.</summary>
    public async Task<(StopSell? Stop, IResult? Refusal)> MakeAsync(Tx tx, Caller caller, StopSellRequest asked)
    {
        var company = caller.Tenant;
        var network = await map.CurrentAsync(CancellationToken.None);
        var item = (await names.ByEitherAsync(tx, company, [(asked.Item, asked.Sku)]))[0];
        var found = new Check()
            .That((asked.Item is null && asked.Sku is null) || item is not null, asked.Item is null ? "#/sku" : "#/item", "There is no such item of yours.")
            .That(asked.Location is not { } location || network.Find(location)?.Operator == company || (await codes.PlacesAsync(tx, network, company, tx.Now)).Contains(location), "#/location", "There is no such location that you run or where you may hold stock.")
            .That(asked.Feed is not { } feed || await FeedStore.FindAsync(tx, company, feed) is not null, "#/feed", "There is no such feed of yours.")
            .That(asked.Agreement is not { } agreement || (await partners.AgreementsOfAsync(tx, company)).Any(one => one.Id == agreement), "#/agreement", "There is no such agreement of yours.")
            .That(asked.Partner is not { } partner || (partner != company && await partners.FindAsync(tx, partner) is not null), "#/partner", "There is no such partner.");
        if (found.Failed)
            return (null, found.Refusal);
        if (await StopSellStore.CountAsync(tx, company) >= StopsMax)
            return (null, Problem.Of(409, "too-many-stop-sells", "Too many stop-sells", $"A company has at most {StopsMax} in force: lift one first, or stop a whole location or feed."));

        var stop = new StopSell
        {
            Company = company,
            Id = StopSellId.New(tx.Now),
            Item = item?.Id,
            Location = asked.Location,
            Feed = asked.Feed,
            Agreement = asked.Agreement,
            Partner = asked.Partner,
            Reason = asked.Reason,
            MadeBy = caller.Name,
            MadeAt = tx.Now,
        };
        await StopSellStore.InsertAsync(tx, stop);
        return (stop, null);
    }

    /// <summary>A company's stops, newest first; only those in force, or also the lifted ones.</summary>
    public Task<List<StopSell>> ListAsync(Db db, PartnerId company, bool onlyActive, int count) => StopSellStore.ListAsync(db, company, onlyActive, null, count);

    /// <summary>Lifts a stop, or finds that somebody has; null when there is none.</summary>
    public async Task<StopSell?> LiftAsync(Tx tx, Caller caller, StopSellId id)
    {
        await StopSellStore.LiftAsync(tx, caller.Tenant, id, caller.Name);
        return await StopSellStore.FindAsync(tx, caller.Tenant, id);
    }
}
