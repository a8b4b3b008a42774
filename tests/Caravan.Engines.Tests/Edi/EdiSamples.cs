using System.Buffers;
using System.Text;
using Caravan.Engines.Edi;

namespace Caravan.Engines.Tests.Edi;

/// <summary>Interchanges to test with: those of the shared data, and our own.</summary>
internal static class EdiSamples
{
    public const string Inventory =
        """
        ISA*00*          *00*          *ZZ*SUPPLIER       *ZZ*RETAILER       *260904*0800*U*00401*000000846*0*P*>~
        GS*IB*SUPPLIER*RETAILER*20260904*0800*84601*X*004010~
        ST*846*0001~
        BIA*00*MB*STK-1*20260904*0755~
        N1*WH*MAIN STORE*91*STK01~
        LIN*1*VN*SKU-1*UP*036000291452~
        QTY*33*850*EA~
        QTY*17*900*EA~
        LIN*2*VN*SKU-2~
        QTY*33*320~
        UIT*EA~
        CTT*2~
        SE*11*0001~
        GE*1*84601~
        IEA*1*000000846~

        """;

    public const string Orders =
        """
        UNA:+.? 'UNB+UNOC:3+4012345500004:14+4000004000002:14+260904:1015+42++++1'
        UNH+1+ORDERS:D:96A:UN:EAN008'
        BGM+220+PO-77+9'
        DTM+137:20260904:102'
        DTM+2:202609071200:203'
        RFF+CT:AGR?+1'
        NAD+BY+4012345500004::9++O?'NEILL ?: SONS+HIGH STREET 1:BACK DOOR+CORK++T12+IE'
        NAD+DP+4012345500011::9'
        CUX+2:EUR:9'
        LIN+1++4000862141404:EN'
        PIA+1+A-1:SA'
        IMD+F++:::WHAT??'
        QTY+21:12:PCE'
        PRI+AAA:1,25'
        UNS+S'
        CNT+2:1'
        UNT+16+1'
        UNZ+1+42'
        """;

    public static string Root { get; } = Find();

    /// <summary>Every file of the shared samples; none where they are not beside the checkout.</summary>
    public static IReadOnlyList<string> Files { get; } = Folder is { } folder
        ? [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => Path.GetExtension(file).Equals(".edi", StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)]
        : [];

    private static string? Folder => Path.Combine(Root, "..", "shared", "data", "edi") is var path && Directory.Exists(path) ? path : null;

    /// <summary>Skips the test where the samples are missing; in CI it fails.</summary>
    public static void Need()
    {
        if (Files.Count > 0)
            return;
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail("The EDI samples are not beside the checkout (../shared/data/edi).");
        Assert.Skip("The EDI samples are not beside the checkout (../shared/data/edi).");
    }

    public static byte[] Read(string name)
    {
        Need();
        return File.ReadAllBytes(Files.Single(file => Path.GetFileName(file) == name));
    }

    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>The interchange, its messages, and everything that was found wrong.</summary>
    public static (EdiInterchange Interchange, List<EdiItem.Document> Documents, List<EdiFault> Faults) Open(ReadOnlySpan<byte> bytes)
    {
        var items = EdiReader.ReadAll(bytes);
        return (items.OfType<EdiItem.InterchangeEnd>().First().Interchange, [.. items.OfType<EdiItem.Document>()], FaultsOf(items));
    }

    public static List<EdiFault> FaultsOf(IReadOnlyList<EdiItem> items) =>
    [
        .. items.OfType<EdiItem.Foreign>().Select(item => item.Fault),
        .. items.OfType<EdiItem.Document>().SelectMany(item => item.Message.Faults.Kept),
        .. items.OfType<EdiItem.InterchangeEnd>().SelectMany(item => item.Interchange.Faults.Kept.Concat(item.Interchange.Groups.SelectMany(group => group.Faults.Kept))),
    ];

    /// <summary>What copying segment by segment makes of the bytes, which arrive in pieces.</summary>
    public static byte[] Copy(ReadOnlySpan<byte> bytes, int pieceLength)
    {
        var output = new ArrayBufferWriter<byte>();
        var scanner = new EdiScanner();
        while (true)
        {
            switch (scanner.Read())
            {
                case EdiScan.NeedMore when bytes.IsEmpty:
                    scanner.Complete();
                    break;
                case EdiScan.NeedMore:
                    scanner.Append(bytes[..Math.Min(bytes.Length, pieceLength)]);
                    bytes = bytes[Math.Min(bytes.Length, pieceLength)..];
                    break;
                case EdiScan.Segment:
                    EdiWriter.Copy(scanner.Current, output);
                    break;
                case EdiScan.End:
                    output.Write(scanner.Raw);
                    return output.WrittenSpan.ToArray();
                default:
                    output.Write(scanner.Raw);
                    break;
            }
        }
    }

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Caravan.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("Caravan.slnx is not above the tests.");
    }
}
