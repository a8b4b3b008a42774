namespace Caravan.Engines.Dispatch;

/// <summary>Chooses the courier for a new job.</summary>
public static class CourierChooser
{
    /// <summary>Chooses the courier for a new job.</summary>
    public static DispatchDecision Choose(NewJob job, IReadOnlyList<CourierRoute> couriers, DispatchRules rules) => throw new NotImplementedException();
}
