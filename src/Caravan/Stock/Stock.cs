using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>Some of one owner's item at one location.</summary>
public readonly record struct StockTake(PartnerId Owner, ItemId Item, LocationId Location, int Quantity);

/// <summary>What is in one stock cell. Stale: its feed has been silent longer than it may, so it is not promised.</summary>
public sealed record StockCell(PartnerId Owner, ItemId Item, LocationId Location, int OnHand, int Reserved, int Sellable, DateTimeOffset AsOf, bool IsStale);

/// <summary>How a reservation went: all of it, or nothing and what is left where.</summary>
public abstract record ReserveOutcome
{
    private ReserveOutcome()
    {
    }

    /// <summary>Every take is reserved.</summary>
    public sealed record Reserved : ReserveOutcome;

    /// <summary>Nothing is reserved; these takes asked for more than there is, with what is left of each.</summary>
    public sealed record Short(IReadOnlyList<(StockTake Take, int Left)> Lacking) : ReserveOutcome;
}

/// <summary>Stock fell below what is reserved: orders there are at risk and should be sourced anew.</summary>
/// <param name="Owner">Whose stock.</param>
/// <param name="Item">Of what.</param>
/// <param name="Location">Where.</param>
/// <param name="Quantity">By how much reservations exceed what is there now.</param>
public sealed record ShortfallEvent(PartnerId Owner, ItemId Item, LocationId Location, int Quantity)
{
    /// <summary>The outbox type. Its subject is the location's id, its tenant the owner.</summary>
    public const string Type = "stock.shortfall";

    /// <summary>The facts of such an event.</summary>
    public static ShortfallEvent Of(Platform.Outbox.OutboxEvent happened) => throw new NotImplementedException();
}

/// <summary>
/// The stock of all companies: cells (owner, item, location) and the ledger of movements they are the sums of. Every change
/// is a movement with its cause and a key, so that the same change is never made twice. All writing doors join the caller's
/// transaction.
/// </summary>
public sealed class StockBook
{
    /// <summary>The cells that hold any of these items, wherever they are, also stale ones (marked).</summary>
    public Task<IReadOnlyList<StockCell>> CellsAsync(Db db, IReadOnlyCollection<(PartnerId Owner, ItemId Item)> items, DateTimeOffset now) => throw new NotImplementedException();

    /// <summary>Takes from sellable and adds to reserved: every take or none.</summary>
    /// <param name="tx">The caller's transaction.</param>
    /// <param name="takes">What to reserve; a cell at most once.</param>
    /// <param name="cause">What for: the id of a fulfilment order. With the cell it is the movement's key.</param>
    public Task<ReserveOutcome> ReserveAsync(Tx tx, IReadOnlyList<StockTake> takes, string cause) => throw new NotImplementedException();

    /// <summary>Gives reserved stock back to sellable: a cancelled line.</summary>
    public Task ReleaseAsync(Tx tx, IReadOnlyList<StockTake> takes, string cause) => throw new NotImplementedException();

    /// <summary>Reserved stock has left the location with a courier or a customer: less on hand, less reserved.</summary>
    public Task ShipAsync(Tx tx, IReadOnlyList<StockTake> takes, string cause) => throw new NotImplementedException();

    /// <summary>A picker did not find reserved goods: less reserved, less on hand, until the next count says otherwise.</summary>
    public Task WriteOffAsync(Tx tx, IReadOnlyList<StockTake> takes, string cause) => throw new NotImplementedException();

    /// <summary>Shipped goods came back: on hand again, sellable only when they may be restocked; else held.</summary>
    public Task ReturnAsync(Tx tx, IReadOnlyList<StockTake> takes, string cause, bool isRestocked) => throw new NotImplementedException();

    /// <summary>Goods received: adds to on hand, opening cells that are not there yet. Large lists are fine.</summary>
    public Task ReceiveAsync(Tx tx, IReadOnlyCollection<StockTake> goods, string cause) => throw new NotImplementedException();

    /// <summary>Checks that every cell is the sum of its movements and that sellable follows from the rest; names each difference. Empty: the books agree.</summary>
    public Task<IReadOnlyList<string>> AuditAsync(Db db) => throw new NotImplementedException();
}

internal static class StockRoom
{
    public static IServiceCollection AddStock(this IServiceCollection services) => services.AddSingleton<StockBook>();

    public static void MapStock(this IEndpointRouteBuilder routes)
    {
    }
}
