#!/bin/sh
# Makes the loops that every result of the emulator is built from: one two-second picture loop per aspect
# ratio and one sound loop. Needed only to change them; the files are committed. Needs ffmpeg with libx264.
#
# Picture: a sun over three layers of waves; every motion has a period of exactly 2 s, so the end meets the
# start. 48 frames at 24 per second, one key frame (the first), no B-frames: a loop can begin on any multiple
# of 48 and be cut after any frame. The encoder's own SEI text is removed, the pixels are square.
# Sound: a soft chord whose tones all have a whole number of periods in 96 AAC frames (2.048 s at 48 kHz).
# Three such rounds are encoded; `src/video.ts` loops the frames of the middle one, where the encoder has settled.
# The three pictures take some minutes to compute.
set -eu
cd "$(dirname "$0")"

picture() { # name width height
  heights='st(0,0.60+0.040*sin(2*PI*(1.5*X/W-T/2)))*0+st(1,0.71+0.035*sin(2*PI*(X/W+T/2)+1))*0+st(2,0.83+0.030*sin(2*PI*(1.2*X/W-T/2)+2))*0'
  sun='st(3,hypot(X-W*(0.5+0.2*cos(PI*T)),Y-H*(0.30+0.09*sin(PI*T)))/min(W,H))*0'
  # one channel: sky at the top, sky at the horizon, sun, three waves
  channel() {
    echo "$heights+$sun+st(4,$1+($2-$1)*clip(Y/H/0.65,0,1))*0\
+st(4,ld(4)+($3-ld(4))*0.35*clip(1-(ld(3)-0.11)/0.22,0,1))*0+st(4,ld(4)+($3-ld(4))*clip((0.11-ld(3))*min(W,H)/2,0,1))*0\
+st(4,ld(4)+($4-ld(4))*clip((Y/H-ld(0))*H/2,0,1))*0+st(4,ld(4)+($5-ld(4))*clip((Y/H-ld(1))*H/2,0,1))*0\
+ld(4)+($6-ld(4))*clip((Y/H-ld(2))*H/2,0,1)"
  }
  ffmpeg -hide_banner -loglevel error -y -f lavfi -i "color=black:size=$2x$3:rate=24:duration=2" \
    -vf "format=gbrp,geq=r='$(channel 38 250 255 58 32 16)':g='$(channel 52 176 226 118 84 52)':b='$(channel 110 132 150 150 122 92)',setsar=1,scale=out_color_matrix=bt709:out_range=tv,format=yuv420p" \
    -c:v libx264 -preset veryslow -tune animation -profile:v high -crf 27 -bf 0 -g 48 -keyint_min 48 -sc_threshold 0 \
    -color_primaries bt709 -color_trc bt709 -colorspace bt709 \
    -bsf:v filter_units=remove_types=6 -fflags +bitexact -flags:v +bitexact -map_metadata -1 -movflags +faststart "$1.mp4"
}

picture 16x9 864 486
picture 9x16 486 864
picture 1x1 480 480

# k/2.048 Hz: 219.7, 277.3, 329.6 and 439.5 Hz, about an A major chord, swelling once and twice a round.
round=2.048
tone() { echo "$2*sin(2*PI*$1/$round*t)*(0.65+0.35*sin(2*PI*$3/$round*t+$4))"; }
ffmpeg -hide_banner -loglevel error -y -f lavfi \
  -i "aevalsrc='$(tone 450 0.10 1 0)+$(tone 568 0.07 2 1)+$(tone 675 0.07 1 2)+$(tone 900 0.04 2 3)':sample_rate=48000:duration=6.144" \
  -c:a aac -b:a 40k -ac 1 -fflags +bitexact -flags:a +bitexact -map_metadata -1 -movflags +faststart sound.mp4
