using System.Collections.Frozen;
using System.Text;

namespace Caravan.Engines.Edi;

/// <summary>
/// The names of segments that messages of the supply chain may hold, so that one which is merely not read is told from one
/// that is damaged. X12: the segment directory of releases 004010 to 005010, as far as the transaction sets of order,
/// inventory, shipping and warehouse use it. EDIFACT: directories D.93A to D.20B, likewise.
/// </summary>
internal static class SegmentDirectory
{
    private static readonly FrozenSet<uint> X12 = Of(
        """
        ACK ADV AK1 AK2 AK3 AK4 AK5 AK9 AMT AT8 B10 B2 B2A BAK BCH BCT BEG BGN BIA BIG BSN BSR CAD CB1 CDD CID CLD CN1 CRC CS CSH CTB CTC CTP CTT CUR DIS DTM E1 ETD
        FA1 FA2 FOB FST G01 G05 G07 G17 G20 G23 G25 G30 G31 G36 G38 G39 G43 G50 G53 G55 G61 G62 G63 G66 G68 G69 G70 G72 G73 G76
        HL IMM IN1 IN2 INC IT1 IT3 IT8 ITA ITD L1 L11 L3 L5 LC LDT LE LFH LH2 LHR LIN LM LN LP LQ LS LX MAN MEA MEC MS1 MS2 MSG MTX N1 N10 N2 N3 N4 N5 N7 N8 N9
        NM1 NTE NX2 OID OTI PAD PAL PAM PCT PER PID PKD PKG PKL PO1 PO3 PO4 POC PRF PRS PS PSA PSD PWK QTY R1 R2 R3 R4 RED REF RSD RTE S5 SAC SCA SCH SCN
        SD1 SDP SDQ SI SLN SN1 SPA SPI SPR SPY SR SSD SSS STA T8 TAX TC2 TD1 TD3 TD4 TD5 TDS TED TEF TFS TPD TSD TXI UIT V1 V9 VAR VC VEH
        W01 W02 W03 W04 W05 W06 W07 W08 W09 W10 W12 W13 W14 W15 W17 W18 W19 W20 W27 W28 W6 W66 W76 W90 XPO YNQ ZA
        """);

    private static readonly FrozenSet<uint> Edifact = Of(
        """
        ADR AGR AJT ALC ALI APR ARD ASI ATT AUT BAS BGM BII BUS CAV CCD CCI CDI CDS CDV CED CIN CLA CLI CMP CNI CNT COD COM COT CPI CPS CPT CST CTA CUX
        DAM DGS DII DIM DLI DLM DMS DOC DRD DSG DSI DTM EDT EFI ELM ELU ELV EMP EQA EQD EQN ERC ERP EVE FCA FII FNT FOR FTX
        GDS GIN GIR GIS GOR GPO GRU HAN HYN ICD IDE IFD IHC IMD IND INP INV IRQ LAN LIN LOC MEA MEM MKS MOA MSG MTD NAD NAT NME PAC PAI PAS PAT PCD PCI PDI PGI
        PER PIA PIT PNA PRC PRI PRV PSD PTY QRS QTY QVR RCS REL RFF RJL RNG ROD RSL RTE SAL SCC SCD SEG SEL SEQ SFI SGP SGU SPR SPS STA STC STG STS
        TAX TCC TDT TEM TMD TMP TOD TPL TRU TSR UCD UCF UCI UCM UCS UGH UGT UNS VLI
        """);

    // What each message may hold beyond what is read of it.
    private static readonly FrozenDictionary<string, FrozenSet<uint>> OfMessage = new Dictionary<string, string>
    {
        ["846"] = "AMT CTP CUR DTM G53 LDT LM LQ LS LE MAN MEA MSG MTX N2 N3 N4 N9 PER PID PKG PO4 REF RSD SAC SCH SDQ TD5 UIT CS SR",
        ["850"] = "AMT CN1 CSH CTB CTP CUR DIS DTM FOB FA1 FA2 G53 INC IN1 ITD IT3 IT8 LC LDT LE LIN LM LN LQ LS MAN MEA MSG MTX N2 N3 N4 N9 NM1 NX2 PAM PCT PER PID PKG PO3 PO4 PWK QTY REF SAC SCH SDQ SI SLN SPI SSS TAX TC2 TD1 TD3 TD4 TD5 TED TXI V1 YNQ N1",
        ["855"] = "AMT CSH CTB CTP CUR DIS DTM FOB INC ITD IT3 IT8 LDT LE LM LQ LS MAN MEA MSG MTX N1 N2 N3 N4 N9 NM1 PAM PCT PER PID PKG PO3 PO4 PWK QTY REF SAC SCH SDQ SI SLN SPI TAX TC2 TD1 TD3 TD4 TD5 TED TXI YNQ",
        ["856"] = "AMT CLD CUR DIS DTM E1 FOB G05 ITA ITD LFH LM LQ LS LE MAN MEA MSG N1 N2 N3 N4 N9 PAL PER PID PKG PO3 PO4 PRF PSD REF SAC SDQ SLN TD1 TD3 TD4 TD5 TSD V1 YNQ",
        ["940"] = "AMT G61 G66 G69 LH2 LHR LQ LS LE MAN MEA N1 N2 N3 N4 N10 NTE PER PKD QTY R2 SAC TD1 TD5 W20 W27 W66 W6 W09 G20",
        ["945"] = "AMT G61 G66 G69 G72 LE LHR LQ LS MAN MEA N1 N2 N3 N4 N7 N10 NTE PAL PER PKD QTY R4 SAC TD1 TD5 TDS W09 W10 W20 W27 W28 W6 G20",
        ["997"] = "",
        ["824"] = "AMT DTM LM LQ N1 N2 N3 N4 NM1 NTE PER QTY REF RED",
        ["INVRPT"] = "ALI CNT COM CTA CUX CPI DTM EQD GIN GIS GIR HAN IMD LOC MEA NAD PAC PCI PIA PRI QVR RFF SEL STS TDT",
        ["ORDERS"] = "ALC ALI APR COM CTA CUX DLM DOC DTM EQD FII FTX GIN GIR HAN IMD LOC MEA MOA MTD NAD PAC PAI PAT PCD PCI PIA PRI QTY QVR RCS RFF RJL RNG SCC SPS STG TAX TDT TMD TOD UNS EFI GIS CCI CAV CNT",
        ["ORDRSP"] = "AJT ALC ALI APR COM CTA CUX DLM DOC DTM EQD FII FTX GIN GIR HAN IMD INP LOC MEA MOA MTD NAD PAC PAI PAT PCD PCI PIA PRI QTY QVR RCS RFF RJL RNG SCC SPS STG TAX TDT TMD TOD UNS CCI CAV CNT STS",
        ["DESADV"] = "ALI COM CTA CUX DGS DLM DTM EQA EQD FTX GIN GIR HAN IMD LOC MEA MOA NAD PAC PCD PCI PIA QTY QVR RFF RNG SEL SGP STS TDT TMD TOD CCI CAV",
        ["CONTRL"] = "UCF",
        ["APERAK"] = "CTA COM DOC NAD CNT",
    }.ToFrozenDictionary(one => one.Key, one => Of(one.Value));

    /// <summary>Whether any message may hold a segment of this name.</summary>
    public static bool Has(EdiSyntax syntax, uint tag) => (syntax == EdiSyntax.X12 ? X12 : Edifact).Contains(tag);

    /// <summary>Whether a message of this type may, as far as is known here.</summary>
    public static bool Has(string message, uint tag) => OfMessage.TryGetValue(message, out var tags) && tags.Contains(tag);

    private static FrozenSet<uint> Of(string names) =>
        names.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(name => EdiTag.Of(Encoding.ASCII.GetBytes(name))).ToFrozenSet();
}
