using Caravan.Network;
using Caravan.Partners;

namespace Caravan.Delivery;

/// <summary>Who may carry a shipper's parcels: its own couriers, and carriers that have granted it Ship.</summary>
internal sealed class ShipRights(PartnerId shipper, IReadOnlyList<Agreement> agreements)
{
    private readonly ILookup<PartnerId, Agreement> grants = agreements.ToLookup(agreement => agreement.Grantor);

    /// <summary>All carriers that may carry something.</summary>
    public IEnumerable<PartnerId> Carriers => grants.Select(grant => grant.Key).Where(carrier => carrier != shipper).Prepend(shipper);

    /// <summary>Whether a carrier may carry from an origin.</summary>
    public bool MayCarry(PartnerId carrier, Location origin)
    {
        if (carrier == shipper)
            return true;

        foreach (var agreement in grants[carrier])
        {
            if (agreement.Covers(null, origin.Id, origin.Region))
                return true;
        }

        return false;
    }
}
