namespace Caravan.Engines.Sourcing;

/// <summary>Decides which nodes serve an order.</summary>
public static class Sourcer
{
    /// <summary>Chooses the nodes for one order.</summary>
    public static SourcingDecision Decide(SourcingProblem problem) => throw new NotImplementedException();
}
