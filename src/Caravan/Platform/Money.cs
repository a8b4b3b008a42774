namespace Caravan.Platform;

/// <summary>An amount in minor units (fen, cents) of an ISO 4217 currency; never a fraction, never floating point.</summary>
/// <param name="Amount">Minor units.</param>
/// <param name="Currency">Three capital letters, ISO 4217.</param>
public readonly record struct Money(long Amount, string Currency)
{
    /// <summary>The sum of two amounts of one currency.</summary>
    public static Money operator +(Money a, Money b) =>
        a.Currency == b.Currency ? a with { Amount = checked(a.Amount + b.Amount) } : throw new ArgumentException($"{a.Currency} and {b.Currency} do not add up.");

    /// <summary>A price times a quantity.</summary>
    public static Money operator *(Money price, int quantity) => price with { Amount = checked(price.Amount * quantity) };
}
