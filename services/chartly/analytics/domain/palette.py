"""Colours of a chart's series. Pure."""

import colorsys

# Colour-blind safe, distinct on white: Okabe and Ito, "Color Universal Design", 2008, without the yellow.
_OKABE_ITO: tuple[str, ...] = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#000000")
# Steps of the golden ratio spread hues evenly for any number of colours.
_HUE_STEP = 0.618_034
# Neighbours in hue differ in lightness, too. All are dark enough for white.
_LIGHTNESSES = (0.30, 0.45, 0.60)
_SATURATION = 0.70
_FULL = 255


def palette(series: int) -> list[str]:
    """Return as many colours as there are series, at least seven, none twice; the same ones each time."""
    colours = list(_OKABE_ITO)
    number = 0
    while len(colours) < series:
        lightness = _LIGHTNESSES[number % len(_LIGHTNESSES)]
        parts = colorsys.hls_to_rgb(number * _HUE_STEP % 1, lightness, _SATURATION)
        colour = "#" + "".join(f"{round(part * _FULL):02X}" for part in parts)
        if colour not in colours:
            colours.append(colour)
        number += 1
    return colours
