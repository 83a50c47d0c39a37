//! The table of units: name, dimension, and the exact factor to the dimension's base unit, by definition.
//!
//! It is data, and long because it is complete.

use super::Unit;

const fn unit(dimension: &'static str, name: &'static str, numerator: &'static str) -> Unit {
    fraction(dimension, name, numerator, "1")
}

const fn fraction(
    dimension: &'static str,
    name: &'static str,
    numerator: &'static str,
    denominator: &'static str,
) -> Unit {
    Unit { name, dimension, numerator, denominator, offset: "0" }
}

const fn degrees(name: &'static str, numerator: &'static str, denominator: &'static str, offset: &'static str) -> Unit {
    Unit { name, dimension: "temperature", numerator, denominator, offset }
}

/// Every unit, by dimension; the comment before a block names its base unit.
pub const UNITS: &[Unit] = &[
    // length, in m
    unit("length", "nm", "1e-9"),
    unit("length", "um", "1e-6"),
    unit("length", "mm", "0.001"),
    unit("length", "cm", "0.01"),
    unit("length", "dm", "0.1"),
    unit("length", "m", "1"),
    unit("length", "km", "1000"),
    unit("length", "in", "0.0254"),
    unit("length", "ft", "0.3048"),
    unit("length", "yd", "0.9144"),
    unit("length", "mi", "1609.344"),
    unit("length", "nmi", "1852"),
    // area, in m2
    unit("area", "mm2", "1e-6"),
    unit("area", "cm2", "0.0001"),
    unit("area", "m2", "1"),
    unit("area", "ha", "10000"),
    unit("area", "km2", "1e6"),
    unit("area", "in2", "0.00064516"),
    unit("area", "ft2", "0.09290304"),
    unit("area", "yd2", "0.83612736"),
    unit("area", "acre", "4046.8564224"),
    unit("area", "mi2", "2589988.110336"),
    // volume, in l
    unit("volume", "ul", "1e-6"),
    unit("volume", "ml", "0.001"),
    unit("volume", "cl", "0.01"),
    unit("volume", "dl", "0.1"),
    unit("volume", "l", "1"),
    unit("volume", "hl", "100"),
    unit("volume", "m3", "1000"),
    unit("volume", "cm3", "0.001"),
    unit("volume", "in3", "0.016387064"),
    unit("volume", "ft3", "28.316846592"),
    unit("volume", "flozUS", "0.0295735295625"),
    unit("volume", "cupUS", "0.2365882365"),
    unit("volume", "ptUS", "0.473176473"),
    unit("volume", "qtUS", "0.946352946"),
    unit("volume", "galUS", "3.785411784"),
    unit("volume", "bbl", "158.987294928"),
    unit("volume", "flozUK", "0.0284130625"),
    unit("volume", "ptUK", "0.56826125"),
    unit("volume", "galUK", "4.54609"),
    // mass, in kg
    unit("mass", "ug", "1e-9"),
    unit("mass", "mg", "1e-6"),
    unit("mass", "g", "0.001"),
    unit("mass", "kg", "1"),
    unit("mass", "t", "1000"),
    unit("mass", "gr", "0.00006479891"),
    unit("mass", "oz", "0.028349523125"),
    unit("mass", "ozt", "0.0311034768"),
    unit("mass", "lb", "0.45359237"),
    unit("mass", "st", "6.35029318"),
    unit("mass", "tonUS", "907.18474"),
    unit("mass", "tonUK", "1016.0469088"),
    unit("mass", "ct", "0.0002"),
    // time, in s
    unit("time", "ns", "1e-9"),
    unit("time", "us", "1e-6"),
    unit("time", "ms", "0.001"),
    unit("time", "s", "1"),
    unit("time", "min", "60"),
    unit("time", "h", "3600"),
    unit("time", "d", "86400"),
    unit("time", "wk", "604800"),
    // speed, in m/s
    unit("speed", "m/s", "1"),
    fraction("speed", "km/h", "5", "18"),
    unit("speed", "ft/s", "0.3048"),
    unit("speed", "mi/h", "0.44704"),
    fraction("speed", "kn", "463", "900"),
    // temperature, in K
    degrees("K", "1", "1", "0"),
    degrees("degC", "1", "1", "273.15"),
    degrees("degF", "5", "9", "459.67"),
    degrees("degR", "5", "9", "0"),
    // pressure, in Pa
    unit("pressure", "Pa", "1"),
    unit("pressure", "hPa", "100"),
    unit("pressure", "kPa", "1000"),
    unit("pressure", "MPa", "1e6"),
    unit("pressure", "mbar", "100"),
    unit("pressure", "bar", "100000"),
    unit("pressure", "atm", "101325"),
    fraction("pressure", "psi", "4.4482216152605", "0.00064516"),
    unit("pressure", "mmHg", "133.322387415"),
    fraction("pressure", "torr", "101325", "760"),
    // energy, in J
    unit("energy", "J", "1"),
    unit("energy", "kJ", "1000"),
    unit("energy", "MJ", "1e6"),
    unit("energy", "GJ", "1e9"),
    unit("energy", "Wh", "3600"),
    unit("energy", "kWh", "3.6e6"),
    unit("energy", "MWh", "3.6e9"),
    unit("energy", "cal", "4.184"),
    unit("energy", "kcal", "4184"),
    unit("energy", "BTU", "1055.05585262"),
    // power, in W
    unit("power", "mW", "0.001"),
    unit("power", "W", "1"),
    unit("power", "kW", "1000"),
    unit("power", "MW", "1e6"),
    unit("power", "GW", "1e9"),
    unit("power", "hp", "745.69987158227022"),
    unit("power", "PS", "735.49875"),
    // force, in N
    unit("force", "N", "1"),
    unit("force", "kN", "1000"),
    unit("force", "kgf", "9.80665"),
    unit("force", "lbf", "4.4482216152605"),
    // frequency, in Hz
    unit("frequency", "Hz", "1"),
    unit("frequency", "kHz", "1000"),
    unit("frequency", "MHz", "1e6"),
    unit("frequency", "GHz", "1e9"),
    fraction("frequency", "rpm", "1", "60"),
    // angle, in deg
    unit("angle", "deg", "1"),
    fraction("angle", "arcmin", "1", "60"),
    fraction("angle", "arcsec", "1", "3600"),
    unit("angle", "turn", "360"),
    // data, in B
    unit("data", "bit", "0.125"),
    unit("data", "B", "1"),
    unit("data", "kB", "1000"),
    unit("data", "MB", "1e6"),
    unit("data", "GB", "1e9"),
    unit("data", "TB", "1e12"),
    unit("data", "PB", "1e15"),
    unit("data", "KiB", "1024"),
    unit("data", "MiB", "1048576"),
    unit("data", "GiB", "1073741824"),
    unit("data", "TiB", "1099511627776"),
    unit("data", "PiB", "1125899906842624"),
    unit("data", "kbit", "125"),
    unit("data", "Mbit", "125000"),
    unit("data", "Gbit", "1.25e8"),
    // ratio, in 1
    unit("ratio", "1", "1"),
    unit("ratio", "%", "0.01"),
    unit("ratio", "permille", "0.001"),
    unit("ratio", "ppm", "1e-6"),
    unit("ratio", "bp", "0.0001"),
];
