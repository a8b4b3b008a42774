using System.Net;
using System.Net.Sockets;
using Caravan.Platform.Storage;

namespace Caravan.Platform.Access.Limits;

/// <summary>
/// Slows down whoever tries keys: after ten wrong ones from an address, one every six seconds. A right key is let in whatever was tried
/// from its address before, so that nobody can keep others out, neither from beside them nor through the same proxy.
/// </summary>
internal sealed class WrongKeys(TimeProvider clock)
{
    private const int AddressesMax = 100_000;
    private static readonly Rate Tries = new(TimeSpan.FromSeconds(6), 10);

    private readonly Recent<string, Bucket> buckets = new(AddressesMax, _ => 1);

    /// <summary>Counts a wrong key; how long to wait when there were too many.</summary>
    public TimeSpan? Count(HttpContext context)
    {
        var from = Neighbourhood(context.Connection.RemoteIpAddress);
        if (buckets.Find(from) is not { } bucket)
            buckets.Keep(from, bucket = new Bucket(), Turn.Next());
        var taken = bucket.Take(clock.GetUtcNow(), Tries);
        return taken.IsTaken ? null : taken.Wait;
    }

    // Who has an IPv6 address has its whole /64.
    private static string Neighbourhood(IPAddress? address) => address switch
    {
        null => "",
        { IsIPv4MappedToIPv6: true } => address.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } => Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8)),
        _ => address.ToString(),
    };
}
