using System.Text;
using Caravan.Edi;
using Caravan.Tests.Platform;

namespace Caravan.Tests.Edi;

/// <summary><c>caravan edi check</c> and <c>show</c>.</summary>
[Trait("Store", "once")]
public sealed class EdiVerbTests
{
    private const string Body = "BIA*00*MB*STK-1*20261103*0155~N1*WH**92*S1~LIN*1*VN*A00~QTY*17*850*EA~CTT*1~";

    [Fact]
    public async Task A_sound_file_is_told_line_by_line()
    {
        var (code, said) = await RunAsync(EdiWorld.X12("SUPPLIER", "CHAIN", 1, "846", "IB", Body), isWhole: true);

        Assert.Equal(0, code);
        Assert.Contains("inventory report STK-1 of 2026-11-03 01:55, WH S1", said, StringComparison.Ordinal);
        Assert.Contains("1: VN A00: 850 EA (17: OnHand)", said, StringComparison.Ordinal);
        Assert.Contains("X12 interchange 000000001 from ZZ:SUPPLIER to ZZ:CHAIN", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fault_is_told_with_its_line_and_column()
    {
        var text = EdiWorld.X12("SUPPLIER", "CHAIN", 1, "846", "IB", Body).Replace("~", "~\n", StringComparison.Ordinal).Replace("*850*", "*8x0*", StringComparison.Ordinal);

        var (code, said) = await RunAsync(text, isWhole: false);

        // ISA, GS, ST, BIA, N1, LIN, QTY: the seventh line; QTY*17* has seven characters before the number.
        Assert.Equal(1, code);
        Assert.Contains("line 7, column 8, QTY02 '8x0'", said, StringComparison.Ordinal);
        Assert.Contains("[BadNumber]", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_interchange_is_unreadable()
    {
        Assert.Equal(2, (await RunAsync("rubbish", isWhole: false)).Code);
        Assert.Equal(2, await EdiVerbs.RunAsync(new FileInfo(Path.Combine(Path.GetTempPath(), "there-is-no-such-file.edi")), isWhole: false, TextWriter.Null, TextWriter.Null, TestCaravan.Cancel));
    }

    private static async Task<(int Code, string Said)> RunAsync(string text, bool isWhole)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, Encoding.Latin1.GetBytes(text), TestCaravan.Cancel);
            await using var output = new StringWriter();
            return (await EdiVerbs.RunAsync(new FileInfo(file), isWhole, output, TextWriter.Null, TestCaravan.Cancel), output.ToString());
        }
        finally
        {
            File.Delete(file);
        }
    }
}
