namespace Caravan.Tests.Sim;

/// <summary>What a sequence is made of.</summary>
internal enum ActKind
{
    Place,
    PlaceAgain,
    SameNumber,
    Receive,
    ReceiveAgain,
    Count,
    Adjust,
    Snapshot,
    Cancel,
    CancelSome,
    Ship,
    Return,
    NotOnShelf,
}

/// <summary>One command of a sequence: on which item, at which place, how many, on which of the orders so far.</summary>
internal readonly record struct Act(ActKind Kind, int Item, int Place, int Quantity, int Second, int Order)
{
    private static readonly ActKind[] Often = [ActKind.Place, ActKind.Place, ActKind.Place, ActKind.Cancel, ActKind.Ship];

    public static IReadOnlyList<Act> Sequence(Random dice)
    {
        var kinds = Enum.GetValues<ActKind>();
        return [.. Enumerable.Range(0, 4).Select(cell => new Act(ActKind.Receive, cell / 2, cell % 2, dice.Next(1, 8), 0, 0)), .. Enumerable.Range(0, dice.Next(6, 16)).Select(_ => new Act(
            dice.Next(3) == 0 ? Often[dice.Next(Often.Length)] : kinds[dice.Next(kinds.Length)], dice.Next(2), dice.Next(2), dice.Next(0, 6), dice.Next(0, 3), dice.Next(8)))];
    }
}
