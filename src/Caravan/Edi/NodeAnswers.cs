using Caravan.Engines.Edi;
using Caravan.Fulfilment;
using Caravan.Fulfilment.Releases;
using Caravan.Platform.Storage;
using Caravan.Stock.Lots;

namespace Caravan.Edi;

/// <summary>Units of an item that a node has shipped, or lets go.</summary>
internal sealed record NodeLine(string Line, int Segment, IReadOnlyList<ItemCode> Items, decimal Units, string? Unit, string? Lot);

/// <summary>
/// What the nodes that trading partners run say to what they were told: that they will ship (855, ORDRSP), how much of it, or that they
/// will not; and that they have shipped (945, 856, DESADV), which picks, lets the rest go short and packs. A message is taken whole or not at all.
/// </summary>
internal sealed class NodeAnswers(PickFloor floor, ReleaseDesk releases, LotDesk lots)
{
    /// <summary>The word on one order of ours; null: we gave them no order of this number.</summary>
    public async Task<NodeWord?> AnswerAsync(Tx tx, TradingPartner node, OrderResponse response, CancellationToken cancel)
    {
        if (await EdiStore.ReleasedAsync(tx, node, response.OrderNumber) is not { } id || await floor.FindAsync(tx, node.Tenant, id) is not { } list)
            return null;

        var refused = response.Lines.Select(line => new NodeLine(line.Line, line.At.Segment, line.Items, RefusedUnits(response, line), line.Unit, null)).Where(line => line.Units > 0).ToList();
        var isWhole = response.Status == ResponseStatus.Rejected || (refused.Count > 0 && refused.Count == response.Lines.Count && response.Lines.All(line => RefusedUnits(response, line) == line.Ordered));
        var answer = isWhole
            ? await releases.DeclineAsync(tx, node.Tenant, id, DeclineReason.Other, $"Order {response.OrderNumber} was rejected by EDI.", node.Name, cancel, isUnasked: true)
            : await releases.AcknowledgeAsync(tx, node.Tenant, id, node.Name);
        if (answer is ReleaseAnswer.TooLate or ReleaseAnswer.Begun)
            return new NodeWord(answer == ReleaseAnswer.Begun ? "It has begun to pick already." : "It said no, or nothing in time: the goods come from elsewhere.", IsTaken: false);
        if (isWhole)
            return new NodeWord($"Fulfilment order {id} is declined.");

        List<LineAdvice> faults = [];
        foreach (var line in refused)
            list = await MoveAsync(tx, node, list, line, "PO1", faults, (target, units) => floor.ShortAsync(tx, node.Tenant, id, target.Line, units, ShortReason.NotOnShelf, cancel, target.Owner));
        return faults.Count > 0
            ? new NodeWord("The answer does not fit the order; nothing of it was taken.", IsTaken: false) { Faults = faults }
            : new NodeWord(refused.Count == 0 ? $"Fulfilment order {id} is acknowledged." : $"Fulfilment order {id} is acknowledged, but for {refused.Sum(line => line.Units)} units.");
    }

    /// <summary>What was shipped for one order of ours; null: we gave them no order of this number.</summary>
    public async Task<NodeWord?> ShippedAsync(Tx tx, TradingPartner node, string number, string tag, IReadOnlyList<NodeLine> lines, CancellationToken cancel)
    {
        if (await EdiStore.ReleasedAsync(tx, node, number) is not { } id || await floor.FindAsync(tx, node.Tenant, id) is not { } list)
            return null;

        List<LineAdvice> faults = [];
        foreach (var line in lines)
        {
            list = await MoveAsync(tx, node, list, line, tag, faults, async (target, units) =>
                await floor.PickAsync(tx, node.Tenant, id, target.Line, units, target.Owner, line.Lot is not null && await lots.IsKeptByLotAsync(tx, target.Owner, target.Item, list.Location) ? line.Lot : null));
        }

        if (faults.Count > 0)
            return new NodeWord("The advice does not fit the shipping order; nothing of it was taken.", IsTaken: false) { Faults = faults };
        foreach (var line in list.Lines.Where(line => line.Left > 0))
            await floor.ShortAsync(tx, node.Tenant, id, line.Line, line.Left, ShortReason.NotOnShelf, cancel, line.Owner);
        return await floor.PackAsync(tx, node.Tenant, id) is PickOutcome.Refused blocked && lines.Any(line => line.Units > 0)
            ? new NodeWord(blocked.Detail, IsTaken: false)
            : new NodeWord($"Fulfilment order {id} is picked and packed.");
    }

    /// <summary>The lines of a despatch advice below each order of ours that it names; those of no order belong to the advice's own.</summary>
    public static IEnumerable<(string Number, IReadOnlyList<NodeLine> Lines)> OrdersOf(DespatchAdvice advice)
    {
        var levels = advice.Levels.ToDictionary(level => level.Id);
        var own = advice.References.FirstOrDefault(reference => reference.Qualifier is "ON" or "PO").Value;
        return advice.Levels
            .SelectMany(level => level.Lines, (level, line) => (Number: OrderOf(level) ?? own ?? "", Line: line))
            .GroupBy(one => one.Number, one => new NodeLine(one.Line.Line, 0, one.Line.Items, one.Line.Shipped, one.Line.Unit, LotOf(one.Line)))
            .Select(order => (order.Key, (IReadOnlyList<NodeLine>)[.. order]));

        // The reader has seen to it that levels lie in levels that are there, and in no circle.
        string? OrderOf(DespatchLevel level) => level.OrderNumber ?? (levels.TryGetValue(level.Parent, out var parent) && parent != level ? OrderOf(parent) : null);
    }

    // X12 element 128: LT lot; EDIFACT 1153: BT batch.
    private static string? LotOf(DespatchLine line) => line.References.Where(reference => reference.Qualifier is "LT" or "BT").Select(reference => reference.Value).FirstOrDefault();

    private static decimal RefusedUnits(OrderResponse response, ResponseLine line) =>
        line.Parts.Count == 0
            ? response.Status == ResponseStatus.Rejected ? line.Ordered : 0
            : Math.Max(0, line.Ordered - line.Parts.Where(part => part.Status is ResponseStatus.Accepted or ResponseStatus.Changed).Sum(part => part.Quantity));

    // Units of a line, from as many of the list's lines as it takes; the list afterwards.
    private async Task<PickList> MoveAsync(Tx tx, TradingPartner node, PickList list, NodeLine said, string tag, List<LineAdvice> faults, Func<PickLine, int, Task<PickOutcome>> move)
    {
        var units = said.Units * (node.Settings.FactorOf(said.Unit) ?? 0);
        var targets = list.Lines.Where(line => line.Left > 0 && IsOf(node, said, line)).ToList();
        if (units != decimal.Truncate(units) || units < 0 || units > targets.Sum(line => line.Left) || (units == 0 && said.Units != 0))
        {
            faults.Add(new LineAdvice(said.Line, "848", $"{said.Units} {said.Unit} of {string.Join(", ", said.Items.Select(item => item.Code))}: not on the order, or more than it asks for.") { Tag = tag, Segment = said.Segment });
            return list;
        }

        foreach (var target in targets)
        {
            var taken = (int)Math.Min(units, target.Left);
            if (taken > 0 && await move(target, taken) is PickOutcome.Refused refused)
                faults.Add(new LineAdvice(said.Line, "848", refused.Detail) { Tag = tag, Segment = said.Segment });
            units -= taken;
        }

        return await floor.FindAsync(tx, node.Tenant, list.Id) ?? list;
    }

    private static bool IsOf(TradingPartner node, NodeLine said, PickLine line) =>
        node.Settings.CodeOf(said.Items)?.Code == line.Sku || said.Items.Any(item => item.Code == line.Sku || (line.Gtin is { } gtin && gtin == item.Code.PadLeft(14, '0')));
}

/// <summary>What became of a node's word.</summary>
internal sealed record NodeWord(string Sentence, bool IsTaken = true)
{
    public IReadOnlyList<LineAdvice> Faults { get; init; } = [];
}
