using Caravan.Network;
using Caravan.Partners;
using Caravan.Stock;

namespace Caravan.Orders;

/// <summary>Takes off what nodes offer what quotas do not leave to a buyer; a plan on the rest keeps to them.</summary>
internal static class QuotaLimits
{
    /// <summary>The offers that quotas leave. Where the nodes together may not give all a line asks for, the closest give first.</summary>
    public static IReadOnlyList<NodeOffers> Apply(IReadOnlyList<NodeOffers> nodes, QuotaLedger ledger, QuotaBuyer buyer, IReadOnlyCollection<(PartnerId Owner, ItemId Item)> limited, IReadOnlyList<OrderLine> lines, IReadOnlyList<Agreement> grants)
    {
        var lineOf = lines.ToDictionary(line => line.Line);
        var wanted = lines.Sum(line => line.Quantity);
        var given = new Dictionary<(PartnerId, ItemId), int>();
        var givenUnder = new Dictionary<(AgreementId, ItemId), int>();
        var givenTogether = new Dictionary<AgreementId, int>();
        var left = new List<NodeOffers>(nodes.Count);
        foreach (var node in nodes)
        {
            var offered = new NodeOffers(node.Node, node.Metres);
            foreach (ref readonly var offer in node.Offers)
            {
                var rest = limited.Contains((offer.Owner, offer.Item)) ? Limited(offer, node.Node) : offer;
                if (rest.Sellable > 0)
                    offered.Add(rest);
            }

            if (offered.Offers.Length > 0)
                left.Add(offered);
        }

        return left;

        Offer Limited(in Offer offer, Location node)
        {
            var (owner, item, line) = (offer.Owner, offer.Item, lineOf[offer.Line]);
            var most = Math.Min(offer.Sellable, ledger.LeftAt(buyer, owner, item, node.Id));
            var share = offer.SharePercent;
            var ofItem = ledger.LeftOf(buyer, owner, item);
            if (ofItem < line.Quantity)
                most = Math.Min(most, ofItem - given.GetValueOrDefault((owner, item)));
            if (owner == buyer.Seller)
            {
                given[(owner, item)] = given.GetValueOrDefault((owner, item)) + Math.Max(0, most);
                return offer with { Sellable = Math.Max(0, most) };
            }

            if (Covering(grants, owner, line.Gtin, node, share: 0).FirstOrDefault(grant => ledger.LeftUnder(grant.Id, item, buyer.At) > 0) is not { } agreement)
                return offer with { Sellable = 0 };

            if (agreement.SharePercent < share)
            {
                share = agreement.SharePercent;
                most = Math.Min(most, (int)((long)ledger.SellableAt(owner, item, node.Id) * share / 100));
            }

            var (under, together) = (ledger.LeftUnder(agreement.Id, item, buyer.At), ledger.LeftTogether(agreement.Id, buyer.At));
            if (under < line.Quantity)
                most = Math.Min(most, under - givenUnder.GetValueOrDefault((agreement.Id, item)));
            if (together < wanted)
                most = Math.Min(most, together - givenTogether.GetValueOrDefault(agreement.Id));
            most = Math.Max(0, most);
            given[(owner, item)] = given.GetValueOrDefault((owner, item)) + most;
            givenUnder[(agreement.Id, item)] = givenUnder.GetValueOrDefault((agreement.Id, item)) + most;
            givenTogether[agreement.Id] = givenTogether.GetValueOrDefault(agreement.Id) + most;
            return offer with { Sellable = most, SharePercent = share };
        }
    }

    /// <summary>The agreements that let so large a share of a neighbour's cell be taken, the best first.</summary>
    public static IEnumerable<Agreement> Covering(IReadOnlyList<Agreement> grants, PartnerId owner, string? gtin, Location node, int share) =>
        grants.Where(grant => grant.Grantor == owner && grant.SharePercent >= share && grant.Covers(gtin, node.Id, node.Region)).OrderByDescending(grant => grant.SharePercent).ThenBy(grant => grant.Id);
}
