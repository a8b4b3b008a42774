using Caravan.Network;
using Caravan.Platform.Storage;

namespace Caravan.Stock;

/// <summary>Where companies may hold stock.</summary>
public sealed class StockPlaces
{
    private readonly FeedCodes codes;

    internal StockPlaces(FeedCodes codes) => this.codes = codes;

    /// <summary>Whether a company may hold stock at a location: its own, one that hosts one of its own, or one where it may hand over.</summary>
    public async Task<bool> MayHoldAsync(Db db, NetworkSnapshot network, PartnerId owner, LocationId location, DateTimeOffset now) => (await codes.PlacesAsync(db, network, owner, now)).Contains(location);
}
