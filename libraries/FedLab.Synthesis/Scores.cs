namespace FedLab.Synthesis;

/// <summary>The scores of all columns. Bank-b draws its own noise for the bank scores, from stream + 50.</summary>
internal static class Scores
{
    public static readonly FactorLoading AverageBalance = new(101, .65, .45, 0, 0, 0);
    public static readonly FactorLoading Inflow = new(102, .45, .65, 0, 0, 0);
    public static readonly FactorLoading InflowVariation = new(103, -.35, 0, -.35, 0, 0);
    public static readonly FactorLoading Utilisation = new(104, -.35, 0, 0, 0, .6);
    public static readonly FactorLoading Enquiries = new(105, -.2, 0, 0, 0, .55);
    public static readonly FactorLoading DaysPastDue = new(106, -.4, 0, 0, -.4, 0);
    public static readonly FactorLoading Products = new(107, 0, .4, 0, 0, 0);
    public static readonly FactorLoading AccountAge = new(108, 0, .25, 0, .2, 0);
    public static readonly FactorLoading OutflowRatio = new(109, -.5, 0, 0, 0, .3);
    public static readonly FactorLoading Payroll = new(110, 0, .5, .2, 0, 0);
    public static readonly FactorLoading LoanAmount = new(111, 0, .6, 0, 0, 0);
    public static readonly FactorLoading LoanRate = new(112, -.2, -.4, 0, 0, .2);

    public static readonly FactorLoading Established = new(201, 0, .35, 0, .2, 0);
    public static readonly FactorLoading RegisteredCapital = new(202, 0, .6, 0, 0, 0);
    public static readonly FactorLoading RepresentativeChanges = new(203, 0, 0, 0, -.35, 0);
    public static readonly FactorLoading AbnormalOperation = new(204, 0, 0, -.3, -.55, 0);
    public static readonly FactorLoading EquityPledge = new(205, 0, 0, 0, 0, .5);
    public static readonly FactorLoading SocialSecurityHeadcount = new(206, 0, .75, .15, 0, 0);
    public static readonly FactorLoading HeadcountGrowth = new(208, .15, 0, .65, 0, 0);
    public static readonly FactorLoading SocialSecurityArrears = new(209, -.35, 0, 0, -.5, 0);
    public static readonly FactorLoading TaxGrade = new(210, .2, 0, 0, .65, 0);
    public static readonly FactorLoading VatSales = new(211, .35, .7, 0, 0, 0);
    public static readonly FactorLoading VatGrowth = new(212, .2, 0, .7, 0, 0);
    public static readonly FactorLoading ZeroDeclarations = new(213, 0, -.2, -.6, 0, 0);
    public static readonly FactorLoading TaxArrears = new(214, -.45, 0, 0, -.5, 0);
    public static readonly FactorLoading Electricity = new(215, 0, .55, 0, 0, 0);
    public static readonly FactorLoading ElectricityGrowth = new(216, 0, 0, .6, 0, 0);
    public static readonly FactorLoading ElectricityArrears = new(217, -.55, 0, 0, -.25, 0);
    public static readonly FactorLoading Lawsuits = new(218, 0, 0, 0, -.45, .35);
    public static readonly FactorLoading Enforcements = new(219, -.2, 0, 0, -.5, .35);
    public static readonly FactorLoading Penalties = new(221, 0, 0, 0, -.55, 0);
    public static readonly FactorLoading Patents = new(222, 0, .3, .35, 0, 0);

    public static readonly FactorLoading PlatformTenure = new(301, 0, .2, 0, .2, 0);
    public static readonly FactorLoading Orders = new(302, 0, .5, .35, 0, 0);
    public static readonly FactorLoading OrderAmount = new(303, .2, .6, 0, 0, 0);
    public static readonly FactorLoading OnTimeDelivery = new(304, .3, 0, 0, .4, 0);
    public static readonly FactorLoading TopBuyerShare = new(305, 0, -.45, 0, 0, 0);
    public static readonly FactorLoading ReturnRate = new(306, 0, 0, 0, -.3, 0);
    public static readonly FactorLoading ReceivableDays = new(307, -.5, 0, 0, 0, 0);
    public static readonly FactorLoading ReceivableOverdue = new(308, -.45, 0, 0, -.35, 0);
    public static readonly FactorLoading OrderTrend = new(309, .15, 0, .65, 0, 0);
}
