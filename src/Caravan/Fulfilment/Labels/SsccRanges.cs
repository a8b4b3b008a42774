using Caravan.Engines.Labels;
using Caravan.Platform.Storage;

namespace Caravan.Fulfilment.Labels;

/// <summary>The numbers that a company may give under one prefix and extension digit, and the last that it gave.</summary>
internal sealed record SsccRange
{
    public string Prefix { get; init; } = "";
    public int Extension { get; init; }
    public long LastSerial { get; init; }
    public long SerialMax { get; init; }
    public bool IsCurrent { get; init; }

    public long Left => SerialMax - LastSerial;

    /// <summary>Whether two ranges have a number in common: the same digits may be prefix and serial, parted elsewhere.</summary>
    public bool Overlaps(string prefix, int extension) =>
        extension == Extension && prefix != Prefix && (prefix.StartsWith(Prefix, StringComparison.Ordinal) || Prefix.StartsWith(prefix, StringComparison.Ordinal));
}

/// <summary>Numbers for bags. A number is taken in the transaction that writes it down, so none is given twice, whoever dies; there may be gaps.</summary>
internal static class SsccRanges
{
    private const string Columns = "prefix, extension, last_serial, serial_max, is_current";

    public static Task<List<SsccRange>> AllAsync(Db db, PartnerId tenant) =>
        db.QueryAsync<SsccRange>($"SELECT {Columns} FROM sscc_ranges WHERE tenant = @tenant", new { tenant });

    public static Task<SsccRange?> CurrentAsync(Db db, PartnerId tenant) =>
        db.FirstAsync<SsccRange>($"SELECT {Columns} FROM sscc_ranges WHERE tenant = @tenant AND is_current = 1", new { tenant });

    /// <summary>From now on numbers are given from this range.</summary>
    public static async Task PutAsync(Tx tx, PartnerId tenant, SsccRange range)
    {
        await tx.ExecuteAsync("UPDATE sscc_ranges SET is_current = 0 WHERE tenant = @tenant AND is_current = 1", new { tenant });
        await tx.ExecuteAsync(
            """
            INSERT INTO sscc_ranges (tenant, prefix, extension, last_serial, serial_max, is_current) VALUES (@tenant, @Prefix, @Extension, @LastSerial, @SerialMax, 1)
            ON CONFLICT (tenant, prefix, extension) DO UPDATE SET last_serial = excluded.last_serial, is_current = 1
            """,
            new { tenant, range.Prefix, range.Extension, range.LastSerial, range.SerialMax });
    }

    /// <summary>The list with a number on each packed bag that has none; as it is when its company has no numbers to give.</summary>
    public static async Task<PickList> AssignAsync(Tx tx, PickList list)
    {
        var bare = list.Bags.Count(bag => bag is { IsPacked: true, Sscc: null });
        if (bare == 0)
            return list;

        var taken = await tx.QueryAsync<SsccRange>(
            $"UPDATE sscc_ranges SET last_serial = last_serial + @bare WHERE tenant = @Operator AND is_current = 1 AND last_serial <= serial_max - @bare RETURNING {Columns}",
            new { list.Operator, bare });
        if (taken is not [var range])
            return list;

        var next = range.LastSerial - bare;
        return list with { Bags = [.. list.Bags.Select(bag => bag is { IsPacked: true, Sscc: null } ? bag with { Sscc = Sscc.Of(range.Extension, range.Prefix, ++next) } : bag)] };
    }
}
